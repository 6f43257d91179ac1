"""What is a number: the one rule by which all tables here are read.

A cell is a number if it is spelled as one, with blanks around it or not. A column is one of numbers
if all its cells are numbers, or missing; by what it holds, digits may be grouped (1,234,567) and
the decimal sign may be a comma. A number that begins with a needless zero (007, 01) is a name: so
are article numbers, postal codes and labels spelled.
"""

from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Decimal: TypeAlias = Literal[".", ","]

MISSING = (
    "",
    "?",
    "-",
    "--",
    ".",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "nan",
    "nat",
    "null",
    "none",
    "nil",
)
"""What stands for no value among numbers, in any case; among names only an empty cell does."""
EXACT = 2**53
"""Up to which whole numbers are told apart in double precision."""

_AROUND = r"^[€$£¥]?\s*|\s*[€$£¥%]?$"
"""A sign of money on either side, or one of percent: it is the column's unit."""
_WHOLE = r"(0|[1-9][0-9]*)"
_EXPONENT = r"([eE][+-]?[0-9]+)?"
_SPECIAL = r"[+-]?(?i:inf|infinity)"
_PLAIN = rf"^([+-]?({_WHOLE}(\.[0-9]*)?|\.[0-9]+){_EXPONENT}|{_SPECIAL})$"
_GROUPS = {".": r"[,'\x{00a0}\x{202f} ]", ",": r"[.'\x{00a0}\x{202f} ]"}
_SIGN = {".": r"\.", ",": ","}


def read_numbers(column: pa.ChunkedArray, decimal: Decimal = ".") -> NDArray[np.float64] | None:
    """Return a column as numbers (N,), NaN where a value is missing; None if it holds others.

    Args:
        column: Of text, numbers, booleans, dates or nothing.
        decimal: The decimal sign; the other one may group digits by three.
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _parse(pc.utf8_trim_whitespace(column), decimal)
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_dictionary(kind):
        return read_numbers(pc.cast(column, kind.value_type), decimal)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    cast = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    values = np.asarray(cast, dtype=np.float64)
    return None if pa.types.is_integer(kind) and _are_too_long(values) else values


def odd_cells(column: pa.ChunkedArray, decimal: Decimal) -> NDArray[np.bool_]:
    """Return which cells (N,) of a column of text are neither numbers nor missing."""
    _, right = _judge(pc.utf8_trim_whitespace(column), decimal)
    return ~np.asarray(right.to_numpy(zero_copy_only=False), dtype=bool)


def other_unit(column: pa.ChunkedArray) -> int | None:
    """Return the first cell whose unit is not the column's, by its place; None if there is none.

    Money may lack its sign; a share in percent may not, as it would be a hundred times as much.
    """
    if not pa.types.is_string(column.type):
        return None
    found = pc.struct_field(pc.extract_regex(column, r"(?P<sign>[€$£¥%])"), "sign")
    absent = is_missing(pc.utf8_trim_whitespace(column))
    # None stands for a cell without a value: it has no unit to differ by.
    signs = pc.if_else(absent, None, pc.fill_null(found, "")).to_pylist()
    kinds = dict.fromkeys(sign for sign in signs if sign is not None)
    if len(kinds) < 2 or ("" in kinds and len(kinds) == 2 and "%" not in kinds):
        return None
    first = next(kind for kind in kinds if kind)
    return next(place for place, sign in enumerate(signs) if sign not in (None, first))


def is_missing(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Say of each cell of text whether it stands for no value among numbers."""
    return pc.fill_null(pc.is_in(pc.utf8_lower(column), pa.array(MISSING)), True)


def _parse(column: pa.ChunkedArray, decimal: Decimal) -> NDArray[np.float64] | None:
    plain, right = _judge(column, decimal)
    if not pc.all(right).as_py():
        return None
    known = pc.if_else(is_missing(column), pa.scalar(None, pa.string()), plain)
    values = np.asarray(pc.cast(known, pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    whole = pc.fill_null(pc.match_substring_regex(known, r"^[+-]?[0-9]+$"), False)
    is_whole = np.asarray(whole.to_numpy(zero_copy_only=False), dtype=bool)
    return None if _are_too_long(values[is_whole]) else values


def _judge(column: pa.ChunkedArray, decimal: Decimal) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return cells as plain numbers are spelled, and whether each is one, or missing."""
    bare = pc.replace_substring_regex(column, "^\u2212", "-")
    bare = pc.replace_substring_regex(bare, r"^\(([^()-]+)\)$", r"-\1")  # (100), as in accounts
    bare = pc.replace_substring_regex(bare, r"^-[€$£¥]", "-")
    plain = _plain(pc.replace_substring_regex(bare, _AROUND, ""), decimal)
    matches = pc.fill_null(pc.match_substring_regex(plain, _PLAIN), False)
    return plain, pc.or_(matches, is_missing(column))


def _are_too_long(values: NDArray[np.float64]) -> bool:
    """Say whether whole numbers would lose digits: they are names then, such as long ids."""
    return bool((np.abs(values[~np.isnan(values)]) > EXACT).any())


def _plain(column: pa.ChunkedArray, decimal: Decimal) -> pa.ChunkedArray:
    """Take the grouping out, and spell the decimal sign as a point."""
    group, sign = _GROUPS[decimal], _SIGN[decimal]
    grouped = rf"^[+-]?[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+({sign}[0-9]*)?$"
    found = pc.fill_null(pc.match_substring_regex(column, grouped), False)
    column = pc.if_else(found, pc.replace_substring_regex(column, group, ""), column)
    if decimal == ".":
        return column
    # A point that is still there is none that groups: it makes a name of the cell.
    swapped = pc.replace_substring_regex(column, ",", ".")
    return pc.if_else(pc.match_substring(column, "."), "x", swapped)


def find_decimal(columns: list[pa.ChunkedArray], is_european: bool) -> Decimal:
    """Return the decimal sign of a file: the one by which more of its columns are numbers.

    Args:
        columns: Of text.
        is_european: Whether a comma is taken where both signs do as well, such as for 1,234.
    """
    counts = {sign: sum(read_numbers(one, sign) is not None for one in columns) for sign in ".,"}  # type: ignore[arg-type]
    if counts["."] == counts[","]:
        return "," if is_european and not _has_points(columns) else "."
    return "," if counts[","] > counts["."] else "."


def _has_points(columns: list[pa.ChunkedArray]) -> bool:
    return any(
        pc.any(pc.match_substring_regex(one, r"^-?[0-9]+\.[0-9]")).as_py() for one in columns
    )
