"""A table with a text and its class in each row."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from priced.check.suggestion import suggest
from priced.data.dialect import Dialect
from priced.data.document import Document
from priced.data.labelled import from_hub
from priced.data.name import read_names, spell_like
from priced.data.rows import read_rows
from priced.data.snippet import Snippets
from priced.data.table import Table, name_file, read_table


class TextCSV(Snippets):
    """Texts out of a table in a file, or a set of the hub, by the names of two columns.

    Of each text the first T tokens are taken. See `CSV` for the files that are read.

    Args:
        path: The file; None: `hub`.
        hub: The data set's name on the Hugging Face hub, read through the `datasets` library.
        text: The column of texts.
        target: The column of classes; new rows that are predicted need none.
        separator: See `CSV`.
        encoding: See `CSV`.
        header: See `CSV`.
    """

    def __init__(
        self,
        path: str | None = None,
        hub: str | None = None,
        text: str = "text",
        target: str = "label",
        separator: str | None = None,
        encoding: str | None = None,
        header: bool | None = None,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        self.path = None if path is None else Path(path)
        self.hub = hub
        self.text = text
        self.target = target
        self.dialect = Dialect(separator, encoding, None, header)
        self._rows: Any = None

    def take_rows(self, rows: Any) -> None:
        """Read these rows instead of the file."""
        self._rows = rows

    def read(self) -> None:
        """Read the file; whatever is wrong with it names it."""
        with name_file(self.path if self._rows is None else None):
            super().read()

    def open(self) -> list[Document]:
        """Read the rows; one without a text keeps its place."""
        table = self._table()
        texts = _texts(self._column("text", self.text, table))
        labels = self._labels(table)
        rows = zip(table.lines, texts, labels, strict=True)
        return [Document(str(line), text, label) for line, text, label in rows]

    def divide(self, documents: list[Document]) -> list[list[Document]]:
        """Split by row; classes that are too few to tell apart are refused."""
        if len(self.class_names) < 2:
            raise ValueError(
                f"the target must hold two classes or more, got {self.class_names[0]} in every row"
            )
        return super().divide(documents)

    def _column(self, key: str, name: str, table: Table) -> pa.ChunkedArray:
        names = table.columns.column_names
        if name not in names:
            known = ", ".join(names)
            raise ValueError(f"data.{key} must be one of {known}, got {name}{suggest(name, names)}")
        column = table.columns.column(name)
        if pa.types.is_nested(column.type):
            raise ValueError(
                f"data.{key}: each cell of {name} must hold one text, got {column.type}"
            )
        return column

    def load_state(self, state: dict[str, Any]) -> None:
        """Name classes as a trained run did."""
        super().load_state(state)
        self.class_names = state["class_names"]

    def _table(self) -> Table:
        if self._rows is not None:
            return read_rows(self._rows)
        if self.path is not None:
            return read_table(self.path, self.dialect)
        if self.hub is None:
            raise ValueError("the data needs a file or a set of the hub: data.path or data.hub")
        found = from_hub(self.hub, "train")
        return Table(found, range(1, found.num_rows + 1))

    def _labels(self, table: Table) -> list[int]:
        if self._trained_on is not None and self.target not in table.columns.column_names:
            return [-1] * table.columns.num_rows
        found = read_names(self._column("target", self.target, table)).to_pylist()
        if None in found:
            if self._trained_on is not None:
                return [-1] * len(found)
            row = table.lines[found.index(None)]
            raise ValueError(f"each row must have a target, row {row} has none")
        names: list[str] = spell_like(self.class_names, found)
        self.class_names = self.class_names or sorted(set(names))
        if unknown := sorted(set(names) - set(self.class_names)):
            raise ValueError(
                f"the target must be one of {', '.join(self.class_names)}, got {unknown[0]} in row "
                f"{table.lines[names.index(unknown[0])]}"
            )
        code = {name: number for number, name in enumerate(self.class_names)}
        return [code[name] for name in names]


def _texts(column: pa.ChunkedArray) -> list[str]:
    """Return cells as text; an empty one has none. Bytes of a parquet file are UTF-8."""
    try:
        return [one or "" for one in pc.cast(column, pa.string()).to_pylist()]
    except pa.ArrowException as error:
        raise ValueError(f"data.text must be a column of text in UTF-8: {error}") from error
