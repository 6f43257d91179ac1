"""How delimited text is written, and how its bytes are read."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from priced.data.number import Decimal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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
