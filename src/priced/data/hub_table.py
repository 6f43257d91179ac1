"""Any table of the Hugging Face hub."""

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from priced.data.columns import MAX_CATEGORIES, Missing
from priced.data.labelled import from_hub
from priced.data.table import Table
from priced.data.tabular import Tabular


class HubTable(Tabular):
    """The rows of a set's `train` part, with the column to learn by its name.

    Args:
        hub: The data set's name, read through the `datasets` library.
        target: The column to learn.
        batch_size: B.
        seed: Fixes the split and the order of every epoch.
        columns: The columns to learn from; None: all others.
        shape: [D]; None: counted.
        num_outputs: K classes, or 1 for a number; None: see `Tabular`.
        drop: Columns to leave out.
        categorical: Columns to take as names although they hold numbers.
        dates: Columns to take as dates although they are not spelled as 2026-11-27.
        missing: What becomes of a missing value: refuse, mean, median, most_frequent.
        max_categories: How many names a column may hold.
        val_fraction: How much of the training part is cut off for validation.
        test_fraction: How much is cut off for test.
    """

    def __init__(
        self,
        hub: str,
        target: str,
        batch_size: int,
        seed: int,
        columns: Sequence[str] | None = None,
        shape: list[int] | None = None,
        num_outputs: int | None = None,
        drop: Sequence[str] = (),
        categorical: Sequence[str] = (),
        dates: Sequence[str] = (),
        missing: Missing = "refuse",
        max_categories: int = MAX_CATEGORIES,
        val_fraction: float = 0.1,
        test_fraction: float = 0.2,
    ) -> None:
        super().__init__(
            batch_size,
            seed,
            shape,
            num_outputs,
            drop,
            categorical,
            dates,
            missing,
            max_categories,
            val_fraction,
            test_fraction,
        )
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
