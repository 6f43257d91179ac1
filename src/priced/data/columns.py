"""The columns of a table as features: numbers standardised, categories one-hot."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from priced.check.suggestion import suggest
from priced.data.column import Category, Column, Features, Number, check_finite, first_row
from priced.data.date import read_dates
from priced.data.name import read_names
from priced.data.number import odd_cells, other_unit, read_numbers
from priced.data.table import Table

Missing: TypeAlias = Literal["refuse", "mean", "median", "most_frequent"]

MAX_CATEGORIES = 100
FEW_ROWS = 20
"""Up to which names may all differ: so few rows tell nothing of a column."""
NEARLY_ALL = 0.8
"""How many of a column's names may differ, as a share of its rows."""
NEARLY_NUMBERS = 0.9
"""From which share of numbers on a column is one of numbers with mistakes in it."""
RELATIVE_SPREAD = 1e-12
"""Below which a column is constant: what floats of one number differ by is no spread."""


@dataclass(frozen=True)
class Reading:
    """What is known of a table's columns beforehand.

    Attributes:
        drop: Columns to leave out.
        categorical: Columns to take as names although they hold numbers; those of text always are.
        dates: Columns to take as dates although they are not spelled as 2026-11-27.
        missing: What becomes of a missing value; mean and median take the most frequent name in a
            column of names.
        max_categories: How many names a column may hold, each a feature.
    """

    drop: Sequence[str] = ()
    categorical: Sequence[str] = ()
    dates: Sequence[str] = ()
    missing: Missing = "refuse"
    max_categories: int = MAX_CATEGORIES


def fit_columns(table: Table, rows: Sequence[int], reading: Reading) -> list[Column]:
    """Learn how to encode each column, its kind from all rows, its statistics from some.

    Args:
        table: Features, one column each.
        rows: The training rows.
        reading: What is known of the columns.

    Raises:
        ValueError: If a column named in `reading` is not there, holds infinity, nothing, or names
            that nearly all differ.
    """
    known = table.columns.column_names
    for key in ("categorical", "dates"):
        check_names(f"data.{key}", getattr(reading, key), known)
    return [_fit(name, table, np.asarray(rows), reading) for name in known]


def check_names(key: str, asked: Sequence[str], known: Sequence[str]) -> None:
    """Refuse to name a column that a table does not have."""
    if unknown := [name for name in asked if name not in known]:
        raise ValueError(
            f"{key} must name columns of the file, which are {', '.join(known)}, "
            f"got {unknown[0]}{suggest(unknown[0], known)}"
        )


def encode(columns: Sequence[Column], table: Table) -> Features:
    """Return the features (N, D) of a table.

    Raises:
        ValueError: If a column is missing, or a value is and may not be.
    """
    known = table.columns.column_names
    if absent := [column.name for column in columns if column.name not in known]:
        raise ValueError(f"the file must have the column {absent[0]}, which training had")
    return np.concatenate([column.encode(table) for column in columns], axis=1)


def describe(columns: Sequence[Column]) -> str:
    """Return which columns were read as what, for a person."""
    kinds = []
    for kind in ("number", "date", "names"):
        names = [
            f"{one.name} ({one.width})" if isinstance(one, Category) else one.name
            for one in columns
            if one.kind == kind
        ]
        if names:
            shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            kinds.append(f"{kind if kind == 'names' else kind + 's'}: {shown}")
    return "; ".join(kinds)


def plain(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return columns as plain data."""
    return [asdict(column) for column in columns]


def from_plain(columns: Sequence[dict[str, Any]]) -> list[Column]:
    """Return columns from what `plain` made of them."""
    return [
        Category(c["name"], c["values"], c["fill"]) if "values" in c else Number(**c)
        for c in columns
    ]


def _fit(name: str, table: Table, rows: NDArray[np.int64], reading: Reading) -> Column:
    column = table.columns.column(name)
    if pa.types.is_nested(column.type):
        raise ValueError(
            f"column {name} must hold one value a cell, got {column.type}; {_drop(name)}"
        )
    if name not in reading.categorical:
        dates = read_dates(name, column, name in reading.dates, table.lines)
        numbers = read_numbers(column, table.decimal) if dates is None else dates
        if numbers is not None:
            check_units(f"column {name}", column, table)
            kind: Literal["number", "date"] = "number" if dates is None else "date"
            return _fit_number(
                name, kind, check_finite(name, numbers, table)[rows], reading.missing
            )
        _refuse_nearly_numbers(name, column, table)
    return _fit_names(name, read_names(column), rows, reading)


def check_units(what: str, column: pa.ChunkedArray, table: Table) -> None:
    """Refuse numbers of several units, such as $5 and 5 %.

    Raises:
        ValueError: Naming the first cell of another unit than the first.
    """
    place = other_unit(column)
    if place is not None:
        raise ValueError(
            f"{what} must hold numbers of one unit, got {column[place].as_py()!r} in row "
            f"{table.lines[place]}: write them alike"
        )


def _refuse_nearly_numbers(name: str, column: pa.ChunkedArray, table: Table) -> None:
    """Refuse a column of numbers that a few odd cells would make one of names."""
    if not pa.types.is_string(column.type):
        return
    odd = odd_cells(column, table.decimal)
    if 0 < odd.sum() < (1 - NEARLY_NUMBERS) * len(odd):
        cell = column[int(odd.argmax())].as_py()
        raise ValueError(
            f"column {name} holds numbers but for {odd.sum()} of {len(odd)} cells, the first is "
            f"{cell!r} in row {first_row(table, odd)}: empty it, or data.categorical=[{name}] has "
            "names"
        )


def _fit_number(
    name: str, kind: Literal["number", "date"], values: NDArray[np.float64], missing: Missing
) -> Number:
    known = values[~np.isnan(values)]
    if not len(known):
        raise ValueError(f"column {name} must hold a value or more, got none; {_drop(name)}")
    return Number(name, *standard(known), _fill(known, missing), kind)


def standard(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean and the spread of numbers (N,); a constant's spread is one."""
    mean, spread = float(values.mean()), float(values.std())
    return mean, spread if spread > RELATIVE_SPREAD * float(np.abs(values).max()) else 1.0


def _fit_names(
    name: str, column: pa.ChunkedArray, rows: NDArray[np.int64], reading: Reading
) -> Category:
    names = column.take(pa.array(rows)).drop_null()
    values, counts = np.unique(np.array(names.to_pylist(), dtype=str), return_counts=True)
    if not len(values):
        raise ValueError(f"column {name} must hold a value or more, got none; {_drop(name)}")
    differ = len(rows) > FEW_ROWS and len(values) > NEARLY_ALL * len(names)
    if differ or len(values) > reading.max_categories:
        ways = f"{_drop(name)}, data.dates=[{name}] reads dates"
        more = f", data.max_categories={len(values)} takes all" if not differ else ""
        raise ValueError(
            f"column {name} would be {len(values)} features, one for each name of {len(rows)} rows "
            f"({', '.join(values[:2])}, ...), {reading.max_categories} at most; {ways}{more}"
        )
    fill = None if reading.missing == "refuse" else str(values[counts.argmax()])
    return Category(name, [str(value) for value in values], fill)


def _fill(known: NDArray[np.float64], missing: Missing) -> float | None:
    if missing == "refuse":
        return None
    if missing == "most_frequent":
        values, counts = np.unique(known, return_counts=True)
        return float(values[counts.argmax()])
    return float(np.median(known) if missing == "median" else known.mean())


def unseen_names(columns: Sequence[Column], table: Table) -> list[str]:
    """Return, of each column whose rows hold names that training never had, how many and which."""
    found = []
    for column in columns:
        if isinstance(column, Number):
            continue
        names = column.read(table)
        new = np.array([name is not None and name not in column.values for name in names])
        if new.any():
            first = names[int(new.argmax())]
            found.append(
                f"column {column.name}: {new.sum()} of {len(names)} rows hold names that training "
                f"never had, the first is {first} in row {first_row(table, new)}"
            )
    return found


def _drop(name: str) -> str:
    return f"data.drop=[{name}] leaves it out"
