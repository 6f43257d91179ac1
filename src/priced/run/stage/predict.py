"""What a model says of each example, as a table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor

from priced.build import Components
from priced.data.base import Data
from priced.record.folder import PREDICTIONS
from priced.task.gather import gather


def predict(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Predict the test part, or data that the user named; write a table."""
    batches: Any = components.trainer.predict(
        components.task, datamodule=components.data, ckpt_path=weights, weights_only=True
    )
    write_predictions(batches, components)
    return {}


def write_predictions(batches: list[dict[str, Tensor]], components: Components) -> None:
    """Write predictions.parquet into the run's folder: a row an example, in the data's order.

    Columns: `example` (the file, the row as the file counts it, or the place), `prediction` (the
    class's name, or the number), `probability_<class>` for each class, and `target` where it is
    known. Every rank must call it.

    Args:
        batches: Columns (B,) by name, of each batch.
        components: The run's.
    """
    device = components.trainer.strategy.root_device
    own = {name: torch.cat([one[name] for one in batches]) for name in batches[0]}
    columns = {name: gather(values, device) for name, values in own.items()}
    if not components.trainer.is_global_zero:
        return
    columns = {name: values.cpu() for name, values in columns.items()}
    table = tabulate(columns, components.data)
    pq.write_table(table, Path(components.trainer.default_root_dir) / PREDICTIONS)


def tabulate(columns: Mapping[str, Tensor], data: Data) -> pa.Table:
    """Return predictions as a table, with the names that the data has for examples and classes.

    Args:
        columns: Columns (N,) by name, of all examples in order.
        data: They are of.
    """
    classes = data.class_names
    table: dict[str, pa.Array] = {}
    if data.names:
        count = len(next(iter(columns.values())))  # fewer where batches are limited
        table["example"] = pa.array(data.names[:count])
    for name, values in columns.items():
        if name == "target" and not data.has_targets:
            continue
        if classes and name in ("prediction", "target"):
            table[name] = pa.array([classes[k] for k in values.tolist()])
        elif classes and name.startswith("probability_"):
            table[f"probability_{classes[int(name.partition('_')[2])]}"] = pa.array(values.numpy())
        else:
            table[name] = pa.array(values.numpy())
    return pa.table(table)
