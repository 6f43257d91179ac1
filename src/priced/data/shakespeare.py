"""A million characters of Shakespeare."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray

from priced.data.cache import cache_file
from priced.data.dialect import decode
from priced.data.document import Document
from priced.data.running import Running
from priced.data.text import divide_text

ADDRESS = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
_PATIENCE_SECONDS = 30


class Shakespeare(Running):
    """1,115,394 characters, 65 of them different; the last tenth is the validation part.

    The test part is what comes before that, so that the validation part is the one that others
    report on.

    Args:
        path: The file; None: downloaded.
        tokenizer: See `Corpus`.
        test_fraction: How much is cut off for test.

    Source: A. Karpathy, "char-rnn", 2015, data/tinyshakespeare.
    """

    def __init__(
        self,
        path: str | None = None,
        tokenizer: str = "characters",
        test_fraction: float = 0.05,
        **inherited: Any,
    ) -> None:
        super().__init__(tokenizer=tokenizer, test_fraction=test_fraction, **inherited)
        self.path = None if path is None else Path(path)

    def open(self) -> list[Document]:
        """Read the file, or download it."""
        if self.path is None:
            kept = cache_file(self.cache, f"tinyshakespeare-{SHA256[:16]}", _download)
            return [Document("input.txt", kept.tobytes().decode("utf-8"))]
        try:
            return [Document(self.path.name, decode(self.path, self.path.read_bytes(), None)[0])]
        except OSError as error:
            raise ValueError(f"data.path must be a text file: {error}") from error

    def divide(self, documents: list[Document]) -> list[list[Document]]:
        """Cut the text in three."""
        if self.fold is not None:
            return super().divide(documents)
        return divide_text(documents, self.val_fraction, self.test_fraction)


def _download() -> NDArray[np.uint8]:
    try:
        with urlopen(ADDRESS, timeout=_PATIENCE_SECONDS) as answer:
            content: bytes = answer.read()
    except (URLError, OSError) as error:
        raise ValueError(
            f"{ADDRESS} could not be had ({error}); give data.path=<input.txt>"
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{ADDRESS} must be the known text; give data.path=<input.txt>")
    return np.frombuffer(content, np.uint8)
