"""Tables as people have them, read into columns.

What is compressed is unpacked, what is typed keeps its types, and delimited text is read as it is
spelled (`priced.data.delimited`). Which columns hold numbers, dates or names is decided in
`priced.data.columns`.
"""

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet as pq

from priced.data.delimited import make_unique, read_delimited
from priced.data.dialect import Dialect
from priced.data.number import Decimal

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_JSON = (".jsonl", ".ndjson", ".json")
_TYPED = (".parquet", ".pq", ".feather", ".arrow", *_JSON)
_INDEX = re.compile(r"__index_level_[0-9]+__")
_LARGEST_BLOCK = 2**31 - 1


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
        return Table(*read_delimited(path, content, dialect))
    try:
        columns = _read_typed(content, kind)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} must be a readable {kind} file: {reason}") from error
    if left := [name for name in columns.column_names if _INDEX.fullmatch(name)]:
        columns = columns.drop_columns(left)  # what pandas calls its rows
    if len(set(columns.column_names)) < len(columns.column_names):
        columns = columns.rename_columns(make_unique(columns.column_names, []))
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
