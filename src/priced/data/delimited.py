"""Delimited text as people have it: which separator, which encoding, which header.

What is decided here goes by rules that are said; pyarrow reads.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from priced.data.dialect import Dialect, decode
from priced.data.number import Decimal, find_decimal, read_numbers

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LOOKED_AT = 1000
"""Rows that the separator is found by."""
_LARGEST_BLOCK = 2**31 - 1
_SHOWN = 60


def read_delimited(
    path: Path, content: bytes, dialect: Dialect
) -> tuple[pa.Table, list[int], Decimal, list[str]]:
    """Read delimited text, every cell as it is spelled.

    Args:
        path: The file, for an error.
        content: Its bytes.
        dialect: What is known of it.

    Returns:
        The columns, the line of each row, the decimal sign, and what was found out.

    Raises:
        ValueError: Naming the file and the line, if it is no table of text.
    """
    text, encoding = decode(path, content, dialect.encoding)
    notes = [] if encoding == "utf-8" else [f"encoding {encoding}"]
    skipped = _comments(text)
    if skipped:
        notes.append(f"{skipped} comment line{'s' * (skipped > 1)} at the top")
    body = text.split("\n", skipped)[-1]
    _check_text(path, body, skipped)
    csv.field_size_limit(max(len(body) + 1, csv.field_size_limit()))
    separator = dialect.separator or _separator(body)
    body, skipped = _take_header(text, body, separator, skipped)
    if separator != ",":
        notes.append(f"separated by {_SEPARATORS.get(separator, repr(separator))}")
    lines = _lines(path, body, separator, skipped)
    cells = _cells(path, body, separator, lines)
    first = [str(one or "").strip() for one in cells.slice(0, 1).to_pylist()[0].values()]
    if _has_header(first, cells, notes) if dialect.header is None else dialect.header:
        cells, lines = cells.slice(1), lines[1:]
    else:
        first = [str(number) for number in range(len(first))]
    cells = _drop_empty(cells, first, notes)
    texts = [cells.column(name) for name in cells.column_names]
    decimal = dialect.decimal or find_decimal(texts, is_european=separator == ";")
    notes += ["decimal comma"] * (decimal == ",")
    return cells, lines, decimal, notes


def _check_text(path: Path, body: str, skipped: int) -> None:
    """Refuse a file without rows, or with bytes that no text has."""
    if not body.strip():
        raise ValueError(f"{path} must hold a header and rows, got nothing")
    if "\0" in body:
        line = skipped + body.count("\n", 0, body.index("\0")) + 1
        raise ValueError(
            f"{path} must be text, got a zero byte in line {line}: data.encoding=utf-16 or the like"
        )


def _comments(text: str) -> int:
    """Return how many lines at the top are empty or begin with #."""
    count = 0
    for line in io.StringIO(text):
        if line.strip() and not line.startswith("#"):
            break
        count += 1
    return count


def _take_header(text: str, body: str, separator: str, skipped: int) -> tuple[str, int]:
    """Take a header back that stands behind a # : it has as many cells as the rows below."""
    if not skipped:
        return body, skipped
    last = text.split("\n", skipped)[skipped - 1].lstrip("#").strip()
    cells = next(csv.reader([last], delimiter=separator), [])
    below = next(csv.reader([body.partition("\n")[0]], delimiter=separator), [])
    if len(cells) < 2 or len(cells) != len(below):
        return body, skipped
    return f"{last}\n{body}", skipped - 1


def _separator(body: str) -> str:
    """Return what parts the first rows into the same number of cells, the more the better."""
    best, most = ",", 1
    for separator in _SEPARATORS:
        rows = csv.reader(io.StringIO(body), delimiter=separator)
        widths = [len(row) for row, _ in zip(rows, range(_LOOKED_AT), strict=False) if row]
        common = max(set(widths), key=widths.count)
        if common > most and widths.count(common) >= 0.9 * len(widths) and widths[0] == common:
            best, most = separator, common
    return best


def _lines(path: Path, body: str, separator: str, skipped: int) -> list[int]:
    """Return the line that each row begins in; rows of unequal length are refused."""
    rows = csv.reader(io.StringIO(body), delimiter=separator)
    found: list[int] = []
    width, begins = 0, skipped + 1
    for row in rows:
        if row:  # pyarrow passes an empty line over too
            width = width or len(row)
            if len(row) != width:
                shown = separator.join(row)[:_SHOWN]
                raise ValueError(
                    f"{path}: row {begins} must have {width} cells like the first, got {len(row)}: "
                    f"{shown!r}; data.separator names another separator"
                )
            found.append(begins)
        begins = skipped + rows.line_num + 1
    return found


def _cells(path: Path, body: str, separator: str, lines: Sequence[int]) -> pa.Table:
    content = body.encode()
    width = len(next(csv.reader(io.StringIO(body), delimiter=separator)))
    names = [f"f{number}" for number in range(width)]
    try:
        cells = pyarrow.csv.read_csv(
            pa.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, block_size=min(len(content) + 1, _LARGEST_BLOCK)
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} must be a table of text with a header: {reason}") from error
    if cells.num_rows != len(lines):
        raise ValueError(f"{path} must be a table of text: a quote is opened and never closed")
    return cells


def _has_header(first: Sequence[str], cells: pa.Table, notes: list[str]) -> bool:
    """Say whether a first row names columns: no column of numbers has a number for a name.

    Numbers that rise by one step (0, 1, 2 or 2010, 2015, 2020) are names all the same.
    """
    below = cells.slice(1, _LOOKED_AT)
    numbers = [
        read_numbers(pa.chunked_array([[name]]), sign)
        for place, name in enumerate(first)
        for sign in ((".", ",") if name else ())
        if read_numbers(below.column(place), sign) is not None
    ]
    known = np.array([float(one[0]) for one in numbers if one is not None and not np.isnan(one[0])])
    if not len(known):
        return True
    steps = np.unique(np.diff(np.unique(known)))
    if len(steps) == 1 and (known == known.round()).all():
        notes.append("the first row, of numbers, names the columns (data.header=false if not)")
        return True
    notes.append("no header: the first row holds numbers (data.header=true if it is one)")
    return False


def _drop_empty(cells: pa.Table, first: Sequence[str], notes: list[str]) -> pa.Table:
    """Name the columns; leave out those that have neither a name nor a value."""
    kept = [
        place for place, name in enumerate(first) if name or not _says_nothing(cells.column(place))
    ]
    if len(kept) < len(first):
        notes.append("a column without a name, which is empty or counts the rows, left out")
    names = make_unique([first[place] for place in kept], notes)
    return cells.select(kept).rename_columns(names)


def _says_nothing(column: pa.ChunkedArray) -> bool:
    """Say whether a column without a name is empty, or counts the rows from 0 or 1."""
    texts = pc.utf8_trim_whitespace(column).to_pylist()
    counts = any(texts == [str(k) for k in range(n, n + len(texts))] for n in (0, 1))
    return counts or not any(texts)


def make_unique(names: Sequence[str], notes: list[str]) -> list[str]:
    """Give a column without a name, or with one that another has, one of its own."""
    found: list[str] = []
    for place, name in enumerate(names):
        own = name or f"column {place + 1}"
        number = 2
        while own in found or (own != name and own in names):
            own = f"{name or 'column'} ({number})"
            number += 1
        if own != name:
            notes.append(f"column {place + 1} called {own}" if name else f"{own} has no name")
        found.append(own)
    return found
