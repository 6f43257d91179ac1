"""The data, read, and what a config leaves open about it."""

from typing import Any

from priced.build.make import make
from priced.build.start import Start
from priced.check.root import cv_score
from priced.check.section import check_outputs
from priced.compose.config import Config
from priced.data.base import Data
from priced.data.fold import Fold

FILLED = ("shape", "num_outputs", "vocab_size")
"""Keys that an option may leave open until the data is read."""


def build_data(start: Start) -> tuple[Data, Config]:
    """Read the data; return it, and the config with what it left open filled in.

    Raises:
        ValueError: If the data is not what the config says.
    """
    config = start.config
    data: Data = make(config.data, "data")
    data.is_named = start.data_is_named
    data.predicts_whole = start.data_is_named and "fit" not in config.stages
    if start.rows is not None:
        data.take_rows(start.rows)
    if start.data_state is not None:
        data.load_state(dict(start.data_state))
    if config.cv.fold is not None:
        assert config.cv.folds is not None
        data.fold = Fold(config.cv.fold, config.cv.folds, config.cv.repeat)
        data.holds_fold_back = cv_score(config.tree) == "best"
    data.setup()
    filled: dict[str, Any] = {
        f"data.{key}": getattr(data, key) for key in FILLED if key in config.data
    }
    config = config.assign(filled)
    check_outputs(config.task.get("num_outputs"), data.num_outputs)
    return data, config
