"""The columns of a table as features: numbers standardised, categories one-hot."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Missing: TypeAlias = Literal["refuse", "mean", "median", "most_frequent"]
Features: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Number:
    """A column of numbers.

    Attributes:
        name: The column's.
        mean, std: Over the training rows.
        fill: What stands in for a missing value; None refuses one.
    """

    name: str
    mean: float
    std: float
    fill: float | None

    width = 1

    def encode(self, column: pa.ChunkedArray) -> Features:
        """Return (N, 1), zero mean and unit spread over the training rows."""
        values = _numbers(self.name, column)
        if self.fill is None and np.isnan(values).any():
            raise ValueError(_missing(self.name))
        filled = np.where(np.isnan(values), self.fill, values) if self.fill is not None else values
        return ((filled - self.mean) / self.std).astype(np.float32)[:, None]


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

    @property
    def width(self) -> int:
        """Return how many features it makes."""
        return len(self.values)

    def encode(self, column: pa.ChunkedArray) -> Features:
        """Return (N, number of values), one-hot."""
        names = pc.cast(column, pa.string()).to_pylist()
        if self.fill is None and None in names:
            raise ValueError(_missing(self.name))
        filled = np.array([self.fill if name is None else name for name in names], dtype=object)
        features: Features = (filled[:, None] == np.array(self.values, dtype=object)).astype(
            np.float32
        )
        return features


Column: TypeAlias = Number | Category


def fit_columns(
    table: pa.Table, rows: list[int], categorical: Sequence[str], missing: Missing
) -> list[Column]:
    """Learn how to encode each column, from the training rows alone.

    Args:
        table: Features, one column each.
        rows: The training rows.
        categorical: Columns to take as names although they hold numbers; those of text always are.
        missing: What becomes of a missing value; mean and median take the most frequent name in
            a column of names.

    Raises:
        ValueError: If a column named in `categorical` is not there, holds infinity, or nothing.
    """
    if unknown := sorted(set(categorical) - set(table.column_names)):
        raise ValueError(f"data.categorical must name columns of the file, got {unknown[0]}")
    chosen = table.take(pa.array(rows))
    return [
        _fit(name, chosen.column(name), name in categorical, missing) for name in table.column_names
    ]


def encode(columns: Sequence[Column], table: pa.Table) -> Features:
    """Return the features (N, D) of a table.

    Raises:
        ValueError: If a column is missing, or a value is and may not be.
    """
    if absent := [column.name for column in columns if column.name not in table.column_names]:
        raise ValueError(f"the file must have the column {absent[0]}, which training had")
    return np.concatenate([column.encode(table.column(column.name)) for column in columns], axis=1)


def plain(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return columns as plain data."""
    return [asdict(column) for column in columns]


def from_plain(columns: Sequence[dict[str, Any]]) -> list[Column]:
    """Return columns from what `plain` made of them."""
    return [Category(**c) if "values" in c else Number(**c) for c in columns]


def is_text(column: pa.ChunkedArray) -> bool:
    """Say whether a column holds names rather than numbers."""
    kind = column.type
    return not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind))


def _fit(name: str, column: pa.ChunkedArray, categorical: bool, missing: Missing) -> Column:
    if categorical or is_text(column):
        names = pc.cast(column, pa.string()).drop_null().to_pylist()
        values, counts = np.unique(np.array(names, dtype=str), return_counts=True)
        if not len(values):
            raise ValueError(f"column {name} must hold a value or more, got none")
        fill = None if missing == "refuse" else str(values[counts.argmax()])
        return Category(name, [str(value) for value in values], fill)
    numbers = _numbers(name, column)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        raise ValueError(f"column {name} must hold a value or more, got none")
    spread = float(known.std())
    return Number(name, float(known.mean()), spread if spread > 0 else 1.0, _fill(known, missing))


def _fill(known: NDArray[np.float64], missing: Missing) -> float | None:
    if missing == "refuse":
        return None
    if missing == "most_frequent":
        values, counts = np.unique(known, return_counts=True)
        return float(values[counts.argmax()])
    return float(np.median(known) if missing == "median" else known.mean())


def _numbers(name: str, column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a column as floats, NaN where a value is missing."""
    try:
        values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException as error:
        raise ValueError(f"column {name} must hold numbers: {error}") from error
    if np.isinf(values).any():
        row = int(np.isinf(values).argmax()) + 1
        raise ValueError(f"column {name} must be finite, got infinity in row {row}")
    return np.asarray(values, dtype=np.float64)


def _missing(name: str) -> str:
    ways = "data.missing=mean, median or most_frequent"
    return f"column {name} must not have missing values (NaN or empty); {ways} fills them"
