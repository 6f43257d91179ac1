"""Any CSV file."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from priced.data.columns import Category, Missing, is_text
from priced.data.tabular import Tabular


class CSV(Tabular):
    """The rows of a CSV file with a header; text is one-hot, numbers are standardised.

    Batches are `(x, y)`: x (B, D) float32; y (B,) int64 for classes, float32 for numbers.

    Args:
        path: The file.
        batch_size: B.
        seed: Fixes the split and the order of every epoch.
        target: The column to learn; None: the last one.
        shape: [D]; None: counted.
        num_outputs: K classes, or 1 for a number; None: see `Tabular`.
        categorical: Columns to take as names although they hold numbers.
        missing: What becomes of a missing value: refuse, mean, median, most_frequent.
        val_fraction: How much of the training part is cut off for validation.
        test_fraction: How much of the file is cut off for test.
    """

    def __init__(
        self,
        path: str,
        batch_size: int,
        seed: int,
        target: str | None = None,
        shape: list[int] | None = None,
        num_outputs: int | None = None,
        categorical: Sequence[str] = (),
        missing: Missing = "refuse",
        val_fraction: float = 0.1,
        test_fraction: float = 0.2,
    ) -> None:
        super().__init__(
            batch_size,
            seed,
            shape,
            num_outputs,
            categorical,
            missing,
            val_fraction,
            test_fraction,
        )
        self.path = Path(path)
        self.target = target

    def open(self) -> tuple[pa.Table, pa.ChunkedArray | None]:
        """Read the file and part the target from the features."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ValueError(
                f"data.path must be a readable file, got {self.path}: {error.strerror}"
            ) from error
        self.source = hashlib.sha256(content).hexdigest()
        known = [column.name for column in self.columns if isinstance(column, Category)]
        table = self._parse(content, known)
        if not known:
            inferred = [n for n in table.column_names if is_text(table.column(n))]
            names = [n for n in (*inferred, *self.categorical) if n != self._target_of(table)]
            table = self._parse(content, names)
        return self._part_target(table)

    @property
    def label(self) -> str:
        """Return the file's name and the first digits of its content's digest."""
        return f"{self.path.stem}-{self.source[:6]}"

    def _parse(self, content: bytes, names: Sequence[str]) -> pa.Table:
        """Read the file, the columns of names as they are written: `01` is no number there."""
        options = pyarrow.csv.ConvertOptions(
            strings_can_be_null=True, column_types=dict.fromkeys(names, pa.string())
        )
        try:
            table = pyarrow.csv.read_csv(pa.BufferReader(content), convert_options=options)
        except pa.ArrowException as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"{self.path} must be a CSV file with a header: {reason}") from error
        if twice := [n for n in table.column_names if table.column_names.count(n) > 1]:
            raise ValueError(f"{self.path} must name each column once, got {twice[0]} twice")
        return table

    def _target_of(self, table: pa.Table) -> str:
        return str(table.column_names[-1]) if self.target is None else self.target

    def state(self) -> dict[str, object]:
        """Return the state of a table, and which column is the target."""
        return {**super().state(), "target": self.target}

    def load_state(self, state: dict[str, object]) -> None:
        """Encode as for the file that a run was trained on, with the same target."""
        super().load_state(state)
        self.target = str(state.get("target", self.target))

    def _part_target(self, table: pa.Table) -> tuple[pa.Table, pa.ChunkedArray | None]:
        names = table.column_names
        self.target = self._target_of(table)
        if len(names) < 2 and self.target in names:
            raise ValueError(f"{self.path} must have a column beside the target {self.target}")
        if self.target in names:
            return table.drop_columns([self.target]), table.column(self.target)
        if self._trained_on is not None:
            return table, None  # new rows to predict need none
        raise ValueError(f"data.target must be one of {', '.join(names)}, got {self.target}")
