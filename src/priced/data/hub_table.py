"""Any table of the Hugging Face hub."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from priced.data.labelled import from_hub
from priced.data.table import Table
from priced.data.tabular import Tabular


class HubTable(Tabular):
    """The rows of a set's `train` part, with the column to learn by its name.

    Args:
        hub: The data set's name, read through the `datasets` library.
        target: The column to learn.
        columns: The columns to learn from; None: all others.
    """

    def __init__(
        self,
        hub: str,
        target: str,
        columns: Sequence[str] | None = None,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        self.hub = hub
        self.target = target
        self.chosen = columns

    def open(self) -> tuple[Table, pa.ChunkedArray]:
        """Ask the hub, and part the target from the features."""
        table = from_hub(self.hub, "train")
        features = self.chosen or [name for name in table.column_names if name != self.target]
        if absent := [n for n in (self.target, *features) if n not in table.column_names]:
            known = ", ".join(table.column_names)
            raise ValueError(f"{self.hub} must have the column {absent[0]}, got {known}")
        self.source = hashlib.sha256(str(table.to_pydict()).encode()).hexdigest()
        rows = range(1, table.num_rows + 1)
        return Table(table.select(features), rows), table.column(self.target)

    @property
    def label(self) -> str:
        """Return the set's name."""
        return self.hub.rpartition("/")[2]
