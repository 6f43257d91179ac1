"""What a model says of each example, as a table."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor

from priced.build import Components
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
    columns = {name: gather(torch.cat([one[name] for one in batches])) for name in batches[0]}
    if not components.trainer.is_global_zero:
        return
    columns = {name: values.cpu() for name, values in columns.items()}
    classes = components.data.class_names
    table: dict[str, pa.Array] = {}
    if components.data.names:
        count = len(next(iter(columns.values())))  # fewer where batches are limited
        table["example"] = pa.array(components.data.names[:count])
    for name, values in columns.items():
        if name == "target" and not components.data.has_targets:
            continue
        if classes and name in ("prediction", "target"):
            table[name] = pa.array([classes[k] for k in values.tolist()])
        elif classes and name.startswith("probability_"):
            table[f"probability_{classes[int(name.partition('_')[2])]}"] = pa.array(values.numpy())
        else:
            table[name] = pa.array(values.numpy())
    pq.write_table(pa.table(table), Path(components.trainer.default_root_dir) / PREDICTIONS)
