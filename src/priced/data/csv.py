"""Any file with a table."""

import hashlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from priced.check.suggestion import suggest
from priced.data.dialect import Dialect
from priced.data.number import Decimal
from priced.data.rows import read_rows
from priced.data.table import Table, name_file, read_table
from priced.data.tabular import Tabular

log = logging.getLogger(__name__)


class CSV(Tabular):
    """The rows of a table in a file: names are one-hot, numbers and dates are standardised.

    Delimited text (.csv, .tsv; .gz, .bz2, .xz or .zst too), parquet, feather, or JSON, a row a
    line. Batches are `(x, y)`: see `Tabular`.

    Args:
        path: The file.
        target: The column to learn; None: the last one.
        separator: What stands between cells; None: found out.
        encoding: Of the text; None: UTF-8, or what a byte order mark says.
        decimal: The decimal sign; None: found out.
        header: Whether the first row names the columns; None: found out.
    """

    def __init__(
        self,
        path: str,
        target: str | None = None,
        separator: str | None = None,
        encoding: str | None = None,
        decimal: Decimal | None = None,
        header: bool | None = None,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        self.path = Path(path)
        self.target = target
        self.dialect = Dialect(separator, encoding, decimal, header)
        self._decimal: Decimal = "."
        self._rows: Any = None

    def read(self) -> None:
        """Read the file; say what it was read as."""
        with name_file(self.path if self._rows is None else None):
            super().read()
        if self._trained_on is None:
            log.warning("%s read as %s; target: %s", self.path, "; ".join(self._notes), self.target)

    def take_rows(self, rows: Any) -> None:
        """Read these rows instead of the file."""
        self._rows = rows

    def open(self) -> tuple[Table, pa.ChunkedArray | None]:
        """Read the file and part the target from the features."""
        if self._rows is not None:
            return self._part_target(read_rows(self._rows, self.dialect.decimal or "."))
        table = read_table(self.path, self.dialect)
        self._decimal = table.decimal
        self.source = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return self._part_target(table)

    @property
    def label(self) -> str:
        """Return the file's name and the first digits of its content's digest."""
        return f"{self.path.stem}-{self.source[:6]}"

    def state(self) -> dict[str, Any]:
        """Return the state of a table, and which column is the target."""
        return {**super().state(), "target": self.target, "decimal": self._decimal}

    def load_state(self, state: dict[str, Any]) -> None:
        """Encode as for the file that a run was trained on, with the same target."""
        super().load_state(state)
        self.target = str(state.get("target", self.target))
        if self.dialect.decimal is None:  # one row of 1,234 says nothing of it
            self.dialect = replace(self.dialect, decimal=state.get("decimal"))

    def _part_target(self, table: Table) -> tuple[Table, pa.ChunkedArray | None]:
        names = table.columns.column_names
        left = [name for name in names if name not in self.reading.drop]
        self.target = (left or names)[-1] if self.target is None else self.target
        if self.target in self.reading.drop:
            raise ValueError(f"data.drop must not name the target, got {self.target}")
        if self.target not in names:
            if self._trained_on is not None:
                return table, None  # new rows to predict need none
            hint = suggest(self.target, names)
            raise ValueError(
                f"data.target must be one of {', '.join(names)}, got {self.target}{hint}"
            )
        if len(left) < 2:
            raise ValueError(
                f"{self.path} must have a column beside the target {self.target}; "
                "data.separator names what stands between columns"
            )
        features = table.columns.drop_columns([self.target])
        rest = Table(features, table.lines, table.decimal, table.notes)
        return rest, table.columns.column(self.target)
