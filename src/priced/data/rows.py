"""Rows that a program hands over, as a table: they are read as rows of a file are."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from priced.data.delimited import make_unique
from priced.data.number import Decimal
from priced.data.table import Table

_WAYS = "a data frame, an Arrow table or a list of dictionaries, a row each"
_PLAIN = (str, int, bool)


def read_rows(rows: Any, decimal: Decimal = ".") -> Table:
    """Return rows as a table, counted from 1; each column keeps its type, if it has one.

    A column of several types is spelled as text, as a file would have it.

    Args:
        rows: A data frame (pandas, or any with `to_arrow`), an Arrow table or batch, or a list of
            dictionaries by column, in which a key that a row lacks is a missing value.
        decimal: The decimal sign of the numbers that are spelled as text.

    Raises:
        ValueError: Naming what was given, or the row and the column of a cell that is no value.
    """
    columns = {name: _simplify(name, column) for name, column in _to_columns(rows, decimal).items()}
    if not columns or not len(next(iter(columns.values()))):
        raise ValueError("the rows must be one or more, got none")
    return Table(pa.table(columns), range(1, len(next(iter(columns.values()))) + 1), decimal)


def _to_columns(rows: Any, decimal: Decimal) -> dict[str, pa.ChunkedArray]:
    if hasattr(rows, "to_arrow"):
        rows = rows.to_arrow()
    if isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    if isinstance(rows, pa.Table):
        names = make_unique(rows.column_names, [])
        return dict(zip(names, rows.columns, strict=True))
    if hasattr(rows, "iloc") and hasattr(rows, "columns"):  # a data frame of pandas
        names = make_unique([str(name) for name in rows.columns], [])
        return {name: _to_column(name, rows.iloc[:, k], decimal) for k, name in enumerate(names)}
    if isinstance(rows, Sequence) and not isinstance(rows, str | bytes):
        return _join(rows, decimal)
    hint = ": put the one row into a list" if isinstance(rows, Mapping) else ""
    raise ValueError(f"the rows must be {_WAYS}, got {type(rows).__name__}{hint}")


def _join(rows: Sequence[Any], decimal: Decimal) -> dict[str, pa.ChunkedArray]:
    """Return the columns of dictionaries: all keys, in the order in which they come up."""
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise ValueError(f"the rows must be {_WAYS}, got {row!r:.40} for row {number}")
    names = dict.fromkeys(str(key) for row in rows for key in row)
    spelled = [{str(key): cell for key, cell in row.items()} for row in rows]
    return {name: _to_column(name, [row.get(name) for row in spelled], decimal) for name in names}


def _to_column(name: str, cells: Any, decimal: Decimal) -> pa.ChunkedArray:
    """Return cells as one column; NaN and its like are missing values."""
    try:
        found = pa.array(cells, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        found = pa.array(
            [_spell(name, number, cell, decimal) for number, cell in enumerate(cells, 1)]
        )
    return pa.chunked_array([found]) if isinstance(found, pa.Array) else found


def _simplify(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column whose cells hold one value each, texts in the one type that is read."""
    if pa.types.is_nested(column.type):
        raise ValueError(f"column {name}: a cell must hold one value, got {column.type}")
    texts = pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type)
    return column.cast(pa.string()) if texts else column


def _spell(name: str, row: int, cell: Any, decimal: Decimal) -> str | None:
    """Return a cell as a file would spell it; None where it is missing."""
    cell = cell.item() if hasattr(cell, "item") else cell
    if cell is None or cell != cell or str(cell) == "<NA>":
        return None
    if isinstance(cell, float):
        return str(cell).replace(".", decimal)
    if isinstance(cell, _PLAIN) or hasattr(cell, "isoformat"):
        return str(cell)
    raise ValueError(
        f"column {name}, row {row}: a cell must hold one value, got {type(cell).__name__}"
    )
