"""What every set of texts with classes here is and does."""

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from priced.data.corpus import Corpus
from priced.data.document import Document
from priced.data.part import Held


class Snippets(Corpus):
    """Stretches of texts with a class each: batches `(x, y)`, x (B, T) int64, y (B,) int64.

    A text shorter than T is filled up with V, a number that is no token. What the tokenizer of a
    model sets around an example (BERT's [CLS] and [SEP]) is set around each.
    """

    MOST: ClassVar[int] = 1
    """Stretches that are taken of a text, from its start."""

    def name_examples(self, documents: list[Document], tokens: list[NDArray[Any]]) -> list[str]:
        """Return the document that each stretch is of."""
        return [
            one.name for one, own in zip(documents, tokens, strict=True) for _ in self._starts(own)
        ]

    def cut(self, parts: list[list[NDArray[Any]]], labels: list[list[int]]) -> None:
        """Cut each document."""
        self.tokens_per_sample = self.context
        if self.num_outputs is None:
            self.num_outputs = len(self.class_names)
        self.train, self.val, self.test = (
            self._hold(part, own) for part, own in zip(parts, labels, strict=True)
        )
        if self.is_new:
            self.has_targets = all(label >= 0 for label in labels[2])

    def _hold(self, documents: list[NDArray[Any]], labels: list[int]) -> Held:
        assert self.vocab_size is not None
        before, after = self.tokenizer.around
        room = self._room()
        rows, targets = [], []
        for tokens, label in zip(documents, labels, strict=True):
            for start in self._starts(tokens):
                piece = [*before, *tokens[start : start + room], *after]
                row = np.full(self.context, self.vocab_size, dtype=np.int64)
                row[: len(piece)] = piece
                rows.append(row)
                targets.append(max(label, 0))
        inputs = np.stack(rows) if rows else np.zeros((0, self.context), dtype=np.int64)
        return Held(torch.from_numpy(inputs), torch.tensor(targets, dtype=torch.int64))

    def _starts(self, tokens: NDArray[Any]) -> range:
        """Return where the stretches of a text start.

        A text without a token is an example too: predictions stand row by row.
        """
        room = self._room()
        return range(0, max(1, min(len(tokens), self.MOST * room)), room)

    def _room(self) -> int:
        before, after = self.tokenizer.around
        room = self.context - len(before) - len(after)
        if room < 1:
            raise ValueError(
                f"data.context must have room beside {len(before) + len(after)} tokens of the "
                f"model's own, got {self.context}"
            )
        return room
