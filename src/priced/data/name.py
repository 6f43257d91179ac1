"""What is a name: how cells of any type are spelled, and which of two spellings mean one."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

Name = TypeVar("Name", str, str | None)
_PLAIN = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
"""A number as a program writes it: 007, $5 and 1,234 are names of their own."""


def read_names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as names, without blanks around them; an empty cell is missing.

    Raises:
        ValueError: If it holds lists or the like.
    """
    kind = column.type
    if pa.types.is_nested(kind):
        raise ValueError(f"a cell must hold one value, got {kind}")
    if pa.types.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
        kind = column.type
    if pa.types.is_float16(kind):
        column = pc.cast(column, pa.float32())
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
    if pa.types.is_floating(kind) and pc.all(pc.equal(pc.floor(column), column)).as_py():
        column = pc.cast(column, pa.int64())  # 1.0 is the name 1
    names = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    return pc.if_else(pc.equal(names, ""), pa.scalar(None, pa.string()), names)


def spell_like(known: Sequence[str], names: Sequence[Name]) -> list[Name]:
    """Return names as the known ones are spelled: True for true, 1.0 for 1, if one is meant.

    What a type of its own holds in one place (a data frame, parquet) is text in another.

    Example:
        >>> spell_like(["False", "True", "1.0"], ["true", "1", "x", None])
        ['True', '1.0', 'x', None]
    """
    meant: dict[Any, list[str]] = {}
    for one in known:
        meant.setdefault(_value_of(one), []).append(one)
    odd = {one for one in names if one is not None} - {*known}
    spelled = {one: own[0] for one in odd if len(own := meant.get(_value_of(one), [])) == 1}
    return [one if one is None else spelled.get(one, one) for one in names]


def _value_of(name: str) -> Any:
    """Return the number or the truth value that a name spells, else the name."""
    if name.lower() in ("true", "false"):
        return name.lower()
    return float(name) if _PLAIN.fullmatch(name) else name
