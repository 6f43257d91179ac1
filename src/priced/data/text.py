"""Any text."""

import logging
from pathlib import Path
from typing import Any

from priced.data.dialect import Dialect, decode
from priced.data.document import Document
from priced.data.hidden import is_hidden
from priced.data.running import Running

log = logging.getLogger(__name__)


class Text(Running):
    """A text file, or all files below a folder; split by file where there are three or more.

    Args:
        path: The file, or the folder.
        pattern: Which files of a folder to read, such as `**/*.md`; hidden and empty ones are not.
        encoding: Of the text; None: UTF-8, or what a byte order mark says.
    """

    def __init__(
        self,
        path: str,
        pattern: str = "**/*.txt",
        encoding: str | None = None,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        self.path = Path(path)
        self.pattern = pattern
        self.encoding = Dialect(encoding=encoding).encoding

    def open(self) -> list[Document]:
        """Read the file, or those of the folder in the order of their names."""
        if self.path.is_file():
            return [Document(self.path.name, self._read(self.path))]
        if not self.path.is_dir():
            raise ValueError(f"data.path must be a file or a folder, got {self.path}")
        found = sorted(file for file in self.path.glob(self.pattern) if file.is_file())
        files = [file for file in found if not is_hidden(file, self.path)]
        texts = {f.relative_to(self.path).as_posix(): self._read(f) for f in files}
        documents = [Document(name, text) for name, text in texts.items() if text.strip()]
        if not documents:
            raise ValueError(f"{self.path} must hold files like {self.pattern}, found none")
        if left := len(found) - len(documents):
            log.warning("%s: %d hidden or empty files are passed over", self.path, left)
        return documents

    def _read(self, file: Path) -> str:
        try:
            return decode(file, file.read_bytes(), self.encoding)[0]
        except OSError as error:
            raise ValueError(f"{file} must be readable: {error.strerror}") from error

    def divide(self, documents: list[Document]) -> list[list[Document]]:
        """Split by file, or a single text into its beginning, what follows, and its end."""
        if len(documents) > 2 or self.fold is not None:
            return super().divide(documents)
        return divide_text(documents, self.val_fraction, self.test_fraction)


def divide_text(
    documents: list[Document], val_fraction: float, test_fraction: float
) -> list[list[Document]]:
    """Cut each text in three: what validation has is its end, the test what comes before that."""
    parts: list[list[Document]] = [[], [], []]
    for one in documents:
        length = len(one.text)
        val = int(length * (1 - val_fraction))
        test = val - int(length * test_fraction)
        pieces = (one.text[:test], one.text[val:], one.text[test:val])
        for part, piece in zip(parts, pieces, strict=True):
            part.append(Document(one.name, piece))
    return parts
