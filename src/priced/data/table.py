"""Tables as people have them, read into columns.

Delimited text is read by pyarrow, every cell as it is spelled; what it is delimited by, how it is
encoded and which row is the header is decided here, by rules that are said. Which columns hold
numbers, dates or names is decided in `priced.data.columns`.
"""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet as pq

from priced.data.number import Decimal, find_decimal, read_numbers

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_JSON = (".jsonl", ".ndjson", ".json")
_TYPED = (".parquet", ".pq", ".feather", ".arrow", *_JSON)
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_INDEX = re.compile(r"__index_level_[0-9]+__")
_LOOKED_AT = 1000
"""Rows that the separator is found by."""
_LARGEST_BLOCK = 2**31 - 1
_SHOWN = 60


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written; None: find out.

    Attributes:
        separator: What stands between cells.
        encoding: Of its text, as Python names it; None: UTF-8, or what a byte order mark says.
        decimal: The decimal sign.
        header: Whether the first row names the columns.
    """

    separator: str | None = None
    encoding: str | None = None
    decimal: Decimal | None = None
    header: bool | None = None

    def __post_init__(self) -> None:
        if self.separator is not None and len(self.separator) != 1:
            raise ValueError(f"data.separator must be one character, got {self.separator!r}")
        if self.decimal not in (None, ".", ","):
            raise ValueError(f"data.decimal must be a point or a comma, got {self.decimal!r}")
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise ValueError(
                    f"data.encoding must be one that Python knows, got {self.encoding!r}"
                ) from None


@dataclass(frozen=True)
class Table:
    """Columns of a file.

    Attributes:
        columns: As they are spelled in delimited text, else as they are typed.
        lines: Of each row, where the file counts it: the line that it begins in, from 1; in a file
            without lines the row, from 1.
        decimal: The decimal sign of its numbers.
        notes: What was found out about it, for a person.
    """

    columns: pa.Table
    lines: Sequence[int]
    decimal: Decimal = "."
    notes: list[str] = field(default_factory=list)


@contextmanager
def name_file(path: Path | None) -> Iterator[None]:
    """Say the file's name before whatever is wrong with what it holds."""
    try:
        yield
    except ValueError as error:
        if path is None or str(path) in str(error):
            raise
        raise ValueError(f"{path}: {error}") from error


def read_table(path: Path, dialect: Dialect = Dialect()) -> Table:
    """Read a table: delimited text, compressed or not, parquet, feather or JSON, a row a line.

    Args:
        path: The file; its ending says what it is.
        dialect: What is known of delimited text.

    Raises:
        ValueError: Naming the file, and the row as it counts it, if it is not readable as that.
    """
    content = _content(path)
    kind = _kind(path)
    if kind not in _TYPED:
        return _read_delimited(path, content, dialect)
    try:
        columns = _read_typed(content, kind)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} must be a readable {kind} file: {reason}") from error
    if left := [name for name in columns.column_names if _INDEX.fullmatch(name)]:
        columns = columns.drop_columns(left)  # what pandas calls its rows
    if len(set(columns.column_names)) < len(columns.column_names):
        columns = columns.rename_columns(_unique(columns.column_names, []))
    lines = range(1, columns.num_rows + 1)
    return Table(columns, _find_lines(content, lines) if kind in _JSON else lines)


def _find_lines(content: bytes, rows: Sequence[int]) -> Sequence[int]:
    """Return the lines of a file that are not empty, if each of them is a row."""
    found = [number for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    return found if len(found) == len(rows) else rows


def _kind(path: Path) -> str:
    ending = path.suffix.lower()
    if ending in _COMPRESSED:
        ending = Path(path.stem).suffix.lower()
    if ending in (".xlsx", ".xls", ".ods", ".zip"):
        raise ValueError(f"{path} must be a table of text: save the sheet as CSV, unpack a .zip")
    return ending


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".zst":
            return bytes(pa.CompressedInputStream(pa.BufferReader(content), "zstd").read())
        unpack: Any = {".gz": gzip, ".bz2": bz2, ".xz": lzma}.get(path.suffix.lower())
        return content if unpack is None else bytes(unpack.decompress(content))
    except (OSError, EOFError, lzma.LZMAError, zlib.error, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise ValueError(f"data.path must be a readable file, got {path}: {reason}") from error


def _read_typed(content: bytes, kind: str) -> pa.Table:
    source = pa.BufferReader(content)
    if kind in (".parquet", ".pq"):
        return pq.read_table(source)
    if kind in (".feather", ".arrow"):
        return pyarrow.feather.read_table(source)
    if content.lstrip()[:1] == b"[":
        raise pa.ArrowInvalid("a list: write an object a line, without brackets around them")
    options = pyarrow.json.ReadOptions(block_size=min(len(content) + 1, _LARGEST_BLOCK))
    return pyarrow.json.read_json(source, options)


def _read_delimited(path: Path, content: bytes, dialect: Dialect) -> Table:
    text, encoding = decode(path, content, dialect.encoding)
    notes = [] if encoding == "utf-8" else [f"encoding {encoding}"]
    skipped = _comments(text)
    if skipped:
        notes.append(f"{skipped} comment line{'s' * (skipped > 1)} at the top")
    body = text.split("\n", skipped)[-1]
    if not body.strip():
        raise ValueError(f"{path} must hold a header and rows, got nothing")
    if "\0" in body:
        line = skipped + body.count("\n", 0, body.index("\0")) + 1
        raise ValueError(
            f"{path} must be text, got a zero byte in line {line}: data.encoding=utf-16 or the like"
        )
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
    if decimal == ",":
        notes.append("decimal comma")
    return Table(cells, lines, decimal, notes)


def decode(path: Path, content: bytes, encoding: str | None) -> tuple[str, str]:
    """Return a file's text and the encoding that it is in.

    Args:
        path: The file, for an error.
        content: Its bytes.
        encoding: As Python names it; None: UTF-8, or what a byte order mark says.

    Raises:
        ValueError: Naming the line and the byte that is not in that encoding.
    """
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    named = encoding or marked
    try:
        text = content.decode(named)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        other = "" if named != "utf-8" else "; say what it is: data.encoding=latin-1, cp1252, ..."
        raise ValueError(
            f"{path} must be {named}: byte {error.start} (0x{content[error.start]:02x}), in line "
            f"{line}, is not{other}"
        ) from error
    return text.replace("\r\n", "\n").replace(
        "\r", "\n"
    ), "utf-8" if named == "utf-8-sig" else named


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
                message = separator.join(row)[:_SHOWN]
                raise ValueError(
                    f"{path}: row {begins} must have {width} cells like the first, got {len(row)}: "
                    f"{message!r}; data.separator names another separator"
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
    names = _unique([first[place] for place in kept], notes)
    return cells.select(kept).rename_columns(names)


def _says_nothing(column: pa.ChunkedArray) -> bool:
    """Say whether a column without a name is empty, or counts the rows from 0 or 1."""
    texts = pc.utf8_trim_whitespace(column).to_pylist()
    counts = any(texts == [str(k) for k in range(n, n + len(texts))] for n in (0, 1))
    return counts or not any(texts)


def _unique(names: Sequence[str], notes: list[str]) -> list[str]:
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
