"""A trained run, ready to predict."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from omegaconf import OmegaConf
from torch import nn

from priced.build import Start, make
from priced.build.data import FILLED, build_data
from priced.build.model import make_model
from priced.check.terminal import quieten_libraries
from priced.compose import compose
from priced.record.find import find_folder, list_members
from priced.record.folder import DATA, RESOLVED, read_json
from priced.run.stage.predict import tabulate
from priced.run.weights import best_weights, take_weights
from priced.task.base import Task


@dataclass(frozen=True)
class Trained:
    """A run's network with its best weights, and what its data was cleaned with.

    Attributes:
        start: The run: its config, and the state of its data.
        task: What was learnt; `task.model` is the network.
    """

    start: Start
    task: Task

    @property
    def model(self) -> nn.Module:
        """Return the network, on the processor, in evaluation mode."""
        return self.task.model

    def predict(self, source: Any = None) -> pa.Table:
        """Predict examples as they come, cleaned as those that the run learnt from were.

        Args:
            source: A file or a folder such as the run was trained on, or rows: a data frame, an
                Arrow table or a list of dictionaries, by column; they are counted from 1. None:
                the run's own test part.

        Returns:
            A row an example, in order: `example` (the row as it is counted, the file, or nothing),
            `prediction`, `probability_<class>`, and `target` where it is known.

        Raises:
            Refused: If the source is none that the run's data takes.
            ValueError: If what it holds cannot be read so.
        """
        is_place = isinstance(source, str | Path)
        place = _place(source, self.start.config.data) if is_place else {}
        start = replace(
            self.start,
            config=self.start.config.assign(place),
            data_is_named=source is not None,
            rows=None if is_place else source,
        )
        data, _ = build_data(start)
        self.task.data = data
        with torch.no_grad():
            batches = [self.task.predict_step(batch) for batch in data.predict_dataloader()]
        columns = {key: torch.cat([one[key] for one in batches]) for key in batches[0]}
        return tabulate(columns, data)


def load(run: str | Path = "last", logs: str | Path = "logs", **words: Any) -> Trained:
    """Return a trained run, ready to predict; its training data need not be there.

    Args:
        run: Its folder, its id, or `last`.
        logs: Where runs are kept.
        words: `config_dir` and `allow`, as `priced.compose` takes them.

    Raises:
        Refused: If its config does not hold any more.
        ValueError: If there is no such run, or it kept no weights.
    """
    quieten_libraries()
    folder = find_folder(str(run), Path(logs))
    config = compose(f"run={folder}", f"logs={logs}", "stages=[predict]", "logger=none", **words)
    kept = OmegaConf.load(folder / RESOLVED)
    filled = {f"data.{key}": OmegaConf.select(kept, f"data.{key}") for key in FILLED}
    config = config.assign({k: v for k, v in filled.items() if k.partition(".")[2] in config.data})
    weights = best_weights(folder)
    if weights is None:
        if members := list_members(folder):
            raise ValueError(
                f"{folder} is a group of {len(members)} runs, each with weights of its own: name "
                f"one, such as {members[0]}"
            )
        raise ValueError(f"{folder / 'checkpoints'} must hold an undamaged checkpoint, found none")
    task: Task = make(
        config.task,
        "task",
        model=make_model(config, starts=False),
        optimizer=make(config.optimizer, "optimizer"),
        schedule=make(config.schedule, "schedule"),
    )
    take_weights(task, weights)
    return Trained(Start(config, data_state=read_json(folder / DATA)), task.eval())


def _place(source: str | Path, data: Mapping[str, Any]) -> dict[str, str]:
    """Return which key of a config names a file or a folder of such data."""
    return {"data.root" if "root" in data else "data.path": str(source)}
