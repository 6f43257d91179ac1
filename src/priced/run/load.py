"""A trained run, ready to predict."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.csv
import torch
from omegaconf import OmegaConf
from torch import nn

from priced.build import Start, make
from priced.build.data import FILLED, build_data
from priced.build.model import make_model
from priced.check.signature import signature
from priced.check.terminal import quieten_libraries
from priced.compose import compose
from priced.record.folder import DATA, RESOLVED, find_folder, read_json
from priced.run.stage.predict import tabulate
from priced.run.weights import best_weights, take_weights
from priced.task.base import Task

_CELLS = {"separator": ",", "decimal": ".", "encoding": None, "header": True}
"""How rows that are handed over are written for the run's own reader."""


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
                Arrow table or a list of dictionaries, by column. None: the run's own test part.

        Returns:
            A row an example, in order: `example` (the row as it is counted, the file, or nothing),
            `prediction`, `probability_<class>`, and `target` where it is known.

        Raises:
            Refused: If the source is none that the run's data takes.
            ValueError: If what it holds cannot be read so.
        """
        with _place(source, self.start.config.data) as place:
            config = self.start.config.assign(place)
            start = replace(self.start, config=config, data_is_named=source is not None)
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
    config = compose(f"run={folder}", f"logs={logs}", "stages=[predict]", **words)
    kept = OmegaConf.load(folder / RESOLVED)
    filled = {f"data.{key}": OmegaConf.select(kept, f"data.{key}") for key in FILLED}
    config = config.assign({k: v for k, v in filled.items() if k.partition(".")[2] in config.data})
    weights = best_weights(folder)
    if weights is None:
        raise ValueError(f"{folder / 'checkpoints'} must hold an undamaged checkpoint, found none")
    task: Task = make(
        config.task,
        "task",
        model=make_model(config, starts=False),
        optimizer=make(config.optimizer, "optimizer"),
        schedule=make(config.schedule, "schedule"),
    )
    task.has_adapters = bool(config.model.get("lora"))
    take_weights(task, weights)
    return Trained(Start(config, data_state=read_json(folder / DATA)), task.eval())


@contextmanager
def _place(source: Any, data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield where a config finds a source: as it is, or rows in a file of this moment.

    Raises:
        ValueError: If the data is no table that rows could be of.
    """
    if source is None:
        yield {}
        return
    if isinstance(source, str | Path):
        yield {"data.root" if "root" in data else "data.path": str(source)}
        return
    taken = signature(str(data["_target_"]))
    known = {} if taken is None else taken.annotations
    if not {"path", "separator"} <= set(known):
        raise ValueError(f"{data['_target_']} takes no rows: give predict a file or a folder")
    cells = {f"data.{key}": value for key, value in _CELLS.items() if key in known}
    with TemporaryDirectory(prefix="priced-rows-") as folder:
        file = Path(folder) / "rows.csv"
        pyarrow.csv.write_csv(_table(source), file)
        yield {"data.path": str(file), **cells}


def _table(rows: Any) -> pa.Table:
    if isinstance(rows, pa.Table):
        return rows
    if isinstance(rows, Sequence):
        return pa.Table.from_pylist(list(rows))
    return pa.Table.from_pandas(rows, preserve_index=False)
