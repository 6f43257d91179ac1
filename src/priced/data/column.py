"""A column of a table as features: numbers standardised, names one-hot."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from priced.data.date import read_dates
from priced.data.name import read_names, spell_like
from priced.data.number import read_numbers
from priced.data.table import Table

Features: TypeAlias = NDArray[np.float32]
LARGEST = 1e150
"""Beyond which squares overflow in double precision."""


@dataclass(frozen=True)
class Number:
    """A column of numbers, or of dates, which are days.

    Attributes:
        name: The column's.
        mean, std: Over the training rows.
        fill: What stands in for a missing value; None refuses one.
        kind: Which of both.
    """

    name: str
    mean: float
    std: float
    fill: float | None
    kind: Literal["number", "date"] = "number"

    width = 1

    def encode(self, table: Table) -> Features:
        """Return (N, 1), zero mean and unit spread over the training rows."""
        values = read_values(self.name, self.kind, table)
        if self.fill is None and np.isnan(values).any():
            raise ValueError(_missing(self.name, first_row(table, np.isnan(values))))
        filled = np.where(np.isnan(values), self.fill, values) if self.fill is not None else values
        with np.errstate(over="ignore"):
            features: Features = ((filled - self.mean) / self.std).astype(np.float32)[:, None]
        if not np.isfinite(features).all():
            row = first_row(table, ~np.isfinite(features[:, 0]))
            raise ValueError(f"column {self.name} must be of a usual size, row {row} is beyond all")
        return features


@dataclass(frozen=True)
class Category:
    """A column of names.

    Attributes:
        name: The column's.
        values: The names that the training rows hold; another one is encoded as all zeros.
        fill: What stands in for a missing value; None refuses one.
    """

    name: str
    values: list[str]
    fill: str | None
    kind: Literal["names"] = field(default="names", init=False)

    @property
    def width(self) -> int:
        """Return how many features it makes."""
        return len(self.values)

    def read(self, table: Table) -> list[str | None]:
        """Return the names (N) of a table's rows, as the training rows spell them."""
        names = read_names(table.columns.column(self.name)).to_pylist()
        return spell_like(self.values, names)

    def encode(self, table: Table) -> Features:
        """Return (N, number of values), one-hot."""
        names = np.array(self.read(table), dtype=object)
        absent = np.array([name is None for name in names], dtype=bool)
        if self.fill is None and absent.any():
            raise ValueError(_missing(self.name, first_row(table, absent)))
        filled = np.array([self.fill if name is None else name for name in names], dtype=object)
        features: Features = (filled[:, None] == np.array(self.values, dtype=object)).astype(
            np.float32
        )
        return features


Column: TypeAlias = Number | Category


def read_values(name: str, kind: str, table: Table) -> NDArray[np.float64]:
    """Return a column as floats, NaN where a value is missing."""
    column = table.columns.column(name)
    if kind == "date":
        dates = read_dates(name, column, True, table.lines)
        assert dates is not None
        return dates
    numbers = read_numbers(column, table.decimal)
    if numbers is None:
        cells = read_names(column).to_pylist()
        wrong = [
            read_numbers(pa.chunked_array([[one]], pa.string()), table.decimal) is None
            for one in cells
        ]
        found = cells[wrong.index(True)] if any(wrong) else column.type
        row = f" in row {table.lines[wrong.index(True)]}" if any(wrong) else ""
        raise ValueError(f"column {name} must hold numbers, got {found}{row}")
    return check_finite(name, numbers, table)


def check_finite(name: str, values: NDArray[np.float64], table: Table) -> NDArray[np.float64]:
    """Return a column's numbers (N,), which must be finite, as they are.

    Raises:
        ValueError: Naming the first row that is not.
    """
    beyond = np.abs(values) > LARGEST
    if beyond.any():
        value, row = values[int(beyond.argmax())], first_row(table, beyond)
        raise ValueError(f"column {name} must be finite, got {value:g} in row {row}")
    return values


def first_row(table: Table, where: NDArray[np.bool_]) -> int:
    """Return the first of some rows, as the file counts it."""
    return table.lines[int(where.argmax())]


def _missing(name: str, row: int) -> str:
    ways = "data.missing=mean, median or most_frequent"
    return f"column {name} must not have missing values, row {row} has none; {ways} fills them"
