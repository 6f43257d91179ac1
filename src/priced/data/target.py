"""What a table is to predict: numbers, or names of classes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from priced.data.column import LARGEST
from priced.data.columns import check_units
from priced.data.number import read_numbers
from priced.data.table import Table

MOST_CLASSES = 0.5
"""How many classes a target may have, as a share of its rows, before it reads as a number."""
FEW_CLASSES = 20
"""How many there may always be."""


def read_target(
    target: pa.ChunkedArray, names: pa.ChunkedArray, table: Table
) -> NDArray[np.float64]:
    """Return a target's numbers (N,).

    Args:
        target: As the file has it.
        names: The same as text.
        table: The rest of the file.

    Raises:
        ValueError: If a cell is no finite number, or of another unit than the first.
    """
    values = read_numbers(target, table.decimal)
    if values is None:
        shown = ", ".join(names.unique().to_pylist()[:3])
        raise ValueError(
            f"the target must hold numbers for task=regression, got text ({shown}, ...); "
            "for classes take task=classification"
        )
    wrong = ~(np.abs(values) <= LARGEST)
    if wrong.any():
        row = table.lines[int(wrong.argmax())]
        raise ValueError(f"the target must be finite in every row, row {row} is not")
    check_units("the target", target, table)
    return values


def check_classes(
    known: list[str], num_outputs: int | None, numbers: NDArray[np.float64] | None, rows: int
) -> None:
    """Refuse classes that are none, or other than the config says.

    Args:
        known: Their names.
        num_outputs: How many there must be; None: nobody said.
        numbers: What the names are as numbers (N,), if they are.
        rows: N.

    Raises:
        ValueError: If they are refused.
    """
    if num_outputs is None:
        _check_few(known, numbers, rows)
    elif len(known) != num_outputs:
        got = f"{len(known)} classes ({', '.join(known[:5])}, ...)"
        most = num_outputs - 1
        raise ValueError(f"labels must be in 0..{most} as data.num_outputs says, got {got}")
    if len(known) < 2:
        raise ValueError(
            f"the target must hold two classes or more, got {known[0]} in every row: "
            "there is nothing to tell apart"
        )


def _check_few(known: list[str], numbers: NDArray[np.float64] | None, rows: int) -> None:
    many = len(known) > max(FEW_CLASSES, MOST_CLASSES * rows)
    broken = numbers is not None and bool((numbers != numbers.round()).any())
    if many or broken:
        ways = "data.target names another column"
        if numbers is not None:
            ways = "for a number to predict take task=regression"
        raise ValueError(
            f"the target has {len(known)} values in {rows} rows, which are no classes: {ways}"
        )


def order_classes(names: pa.ChunkedArray) -> list[str]:
    """Return the names of classes, numbers by their size."""
    found: list[str] = sorted(pc.unique(names).to_pylist())
    numbers = read_numbers(pa.chunked_array([found], pa.string()))
    if numbers is None or np.isnan(numbers).any():
        return found
    return [found[place] for place in np.argsort(numbers, kind="stable")]
