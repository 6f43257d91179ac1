"""Text as one long row of tokens: each is to be told from those before it."""

import hashlib
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from priced.data.cache import cache_file
from priced.data.corpus import Corpus


class Windows:
    """Stretches of tokens, each with the one that follows each of its own.

    An index is where a stretch starts. Stretches that reach beyond the end are filled up with
    zeros, whose targets are -100, which `cross_entropy` leaves out.

    Args:
        tokens: (n,).
        context: T.
        whole: Whether the last, shorter stretch counts too.
    """

    IGNORED = -100

    def __init__(self, tokens: NDArray[Any], context: int, whole: bool) -> None:
        self.tokens = tokens
        self.context = context
        # Where not, all may start later by as much as one is long.
        self.count = -(-(len(tokens) - 1) // context) if whole else len(tokens) // context - 1
        self.targets = torch.zeros(max(self.count, 0))

    def __len__(self) -> int:
        return max(self.count, 0)

    def __getitem__(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        where = indices.numpy()[:, None] + np.arange(self.context + 1)
        beyond = where >= len(self.tokens)
        found = self.tokens[np.where(beyond, 0, where)].astype(np.int64)
        found[beyond] = 0
        targets = np.where(beyond[:, 1:], self.IGNORED, found[:, 1:])
        return torch.from_numpy(found[:, :-1].copy()), torch.from_numpy(targets)


class Running(Corpus):
    """A corpus as one long text a part: batches `(x, y)`, y the token that follows each of x.

    x (B, T) int64, y (B, T) int64. An epoch reads all of the training part once, from a start
    that it draws.
    """

    def pieces(self, text: str) -> list[str]:
        """Return the paragraphs of a text: what a run learnt of it stands among other text."""
        return [piece for piece in text.split("\n\n") if piece.strip()] or [text]

    def cut(self, parts: list[list[NDArray[Any]]], labels: list[list[int]]) -> None:
        """Join the documents of each part."""
        self.num_outputs = self.vocab_size
        self.stride = self.tokens_per_sample = self.context
        train, val, test = (self._join(part) for part in parts)
        self.train = Windows(train, self.context, whole=False)
        self.val = Windows(val, self.context, whole=True)
        self.test = Windows(test, self.context, whole=True)
        if not self.is_new and not (len(self.train) and len(self.val) and len(self.test)):
            raise ValueError(
                f"the training part must hold {2 * self.context} tokens or more for data.context="
                f"{self.context}, and the others 2, got {len(train)}, {len(val)} and {len(test)}"
            )

    def _join(self, documents: list[NDArray[Any]]) -> NDArray[Any]:
        """Return the tokens of a part as one row, out of a file that all ranks map."""
        if len(documents) < 2:
            return documents[0] if documents else np.zeros(0, np.uint8)
        digest = hashlib.sha256()
        for tokens in documents:
            digest.update(tokens.tobytes())
        key = f"part-{digest.hexdigest()[:32]}-{self.vocab_size}"
        return cache_file(self.cache, key, lambda: np.concatenate(documents))
