"""What every body of text here is and does."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from priced.data.base import Data
from priced.data.cache import cache_file
from priced.data.document import Document, digest_documents
from priced.data.part import Split
from priced.data.provenance import Digests, digest_inputs
from priced.data.split import split
from priced.data.tokenizer import (
    KINDS,
    Bytes,
    Characters,
    Pieces,
    Tokenizer,
    digest_of,
    find_kept,
    tokenizer_of,
)

BPE_SIZE = 1024


class Corpus(Data):
    """Documents, tokenised once into a file that all runs map into memory.

    A subclass lists its documents in `open`, and cuts examples out of their tokens in `cut`.

    Args:
        context: T, the tokens of an example.
        cache: The folder of tokenised texts.
        num_outputs: What there is to predict; None: counted in the data.
        vocab_size: V, how many tokens there are; None: counted in the data, or 1,024 for bpe.
        tokenizer: bytes, characters, bpe (learnt from the training part), a run's folder, a
            tokenizer.json or the name of a model on the Hugging Face hub.
        val_fraction: How much is cut off for validation.
        test_fraction: How much is cut off for test.

    Attributes:
        tokenizer: Maps text to tokens, once `setup` has run.
        widths: (V,), how many bytes each token stands for.

    Raises:
        ValueError: If a size or a fraction is out of range.
    """

    def __init__(
        self,
        context: int,
        cache: str,
        val_fraction: float = 0.1,
        vocab_size: int | None = None,
        tokenizer: str = "bytes",
        test_fraction: float = 0.1,
        **inherited: Any,
    ) -> None:
        super().__init__(shape=[context], val_fraction=val_fraction, **inherited)
        if context < 1:
            raise ValueError(f"data.context must be 1 or more, got {context}")
        if not 0 < test_fraction < 1 - val_fraction:
            raise ValueError(
                "data.test_fraction must be above 0 and leave something to learn from, "
                f"got {test_fraction}"
            )
        self.context = context
        self.cache = Path(cache)
        self.vocab_size = vocab_size
        self.test_fraction = test_fraction
        self._named = tokenizer
        self._kept: dict[str, Any] | None = None

    def open(self) -> list[Document]:
        """Return the documents, in an order that does not change.

        Raises:
            ValueError: If the data is missing or unreadable.
        """
        raise NotImplementedError

    def cut(self, parts: "list[list[NDArray[Any]]]", labels: list[list[int]]) -> None:
        """Set `train`, `val` and `test`, and `num_outputs` where it is open.

        Args:
            parts: The tokens (t,) of each document of the three parts.
            labels: The class of each.
        """
        raise NotImplementedError

    def read(self) -> None:
        """Open, split, tokenise and cut."""
        documents = self.open()
        if not any(one.text for one in documents):
            raise ValueError("the data must hold some text, got none")
        content = digest_documents(documents)
        self.source = content
        digests, labels = self._digests(documents), np.array([one.label for one in documents])
        self.recognise(digests, labels)
        if self.is_new:
            chosen = [[], self._unlearnt(documents), documents]
        else:
            chosen = self.divide(documents)
            held = [documents[row] for row in self.held_rows]
            known = (chosen[0], [*chosen[1], *held], chosen[2])
            self.keep_split([self._digests(part) for part in known], digests, labels)
        self.tokenizer = self._tokenizer(documents, chosen[0])
        learns = self._named == KINDS[2]  # up to that size: a short text has fewer pieces
        if not learns and self.vocab_size not in (None, self.tokenizer.size):
            raise ValueError(
                f"data.vocab_size must be {self.tokenizer.size}, what the tokenizer has, got "
                f"{self.vocab_size}: data.tokenizer=bpe learns one of that size"
            )
        self.vocab_size = self.tokenizer.size
        self.widths = torch.from_numpy(self.tokenizer.widths())
        tokens = self._tokenise(chosen, content)
        self.cut(tokens, [[one.label for one in part] for part in chosen])
        self.names = self.name_examples(chosen[2], tokens[2])
        if self.is_new:
            self.take_whole(self.test, self.val)
            return
        if self.held_rows:
            self.held, _ = self._cut_alone(held, content)
        if self.predicts_whole:
            self.whole, self.names = self._cut_alone(documents, content)

    def _cut_alone(self, documents: list[Document], content: str) -> tuple[Split, Sequence[str]]:
        """Cut examples out of documents as out of a validation part; return their names too."""
        parts = self.train, self.val, self.test
        [tokens] = self._tokenise([documents], content)
        self.cut([tokens] * 3, [[one.label for one in documents]] * 3)
        found = self.val
        self.train, self.val, self.test = parts
        return found, self.name_examples(documents, tokens)

    def pieces(self, text: str) -> list[str]:
        """Return what a text is known again by, piece by piece: itself."""
        return [text]

    def name_examples(self, documents: list[Document], tokens: list[NDArray[Any]]) -> list[str]:
        """Return what each example of some documents is called; none where they run on."""
        return []

    def _digests(self, documents: list[Document]) -> Digests:
        return digest_inputs(piece.encode() for one in documents for piece in self.pieces(one.text))

    def _unlearnt(self, documents: list[Document]) -> list[Document]:
        """Return what a run did not learn from, piece by piece, put together again."""
        kept = set(self.leave_out_learnt(self._digests(documents)))
        found, place = [], 0
        for one in documents:
            pieces = self.pieces(one.text)
            rest = [piece for k, piece in enumerate(pieces, place) if k in kept]
            place += len(pieces)
            if len(rest) == len(pieces):
                found.append(one)
            elif rest:
                found.append(Document(one.name, "\n\n".join(rest), one.label))
        return found

    def divide(self, documents: list[Document]) -> list[list[Document]]:
        """Return the documents of training, validation and test."""
        labels = np.array([one.label for one in documents])
        targets: NDArray[np.generic] = labels if labels.min() >= 0 else labels.astype(np.float64)
        rows = list(range(len(documents)))
        rest, test = split(targets, rows, self.test_fraction, self.split_seed)
        train, val = self.hold_back(targets, rest)
        return [[documents[row] for row in part] for part in (train, val, test)]

    def state(self) -> dict[str, Any]:
        """Return the tokenizer too."""
        return {**super().state(), "tokenizer": self.tokenizer.state()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Tokenise as a trained run did.

        Raises:
            ValueError: If that was not trained on text.
        """
        if "tokenizer" not in state:
            raise ValueError("data must be what the run was trained on, which was no text")
        super().load_state(state)
        self._kept = state["tokenizer"]

    @property
    def label(self) -> str:
        """Return the first digits of the digest of all texts."""
        return self.source[:6]

    def _tokenizer(self, documents: list[Document], train: list[Document]) -> Tokenizer:
        if self._kept is not None:
            return tokenizer_of(self._kept)
        if self._named == "bytes":
            return Bytes()
        if self._named == "characters":
            return Characters("".join(sorted(set().union(*(one.text for one in documents)))))
        if self._named == KINDS[2]:
            return self._learn_tokenizer(train)
        return find_kept(self._named)

    def _learn_tokenizer(self, train: list[Document]) -> Pieces:
        """Learn byte pairs once, too."""
        size = self.vocab_size or BPE_SIZE

        def make() -> NDArray[Any]:
            learnt = Pieces.learn((one.text for one in train), size)
            return np.frombuffer(learnt.state()["json"].encode(), np.uint8)

        kept = cache_file(self.cache, f"bpe-{size}-{digest_documents(train)[:32]}", make)
        return Pieces(kept.tobytes().decode())

    def _tokenise(self, chosen: list[list[Document]], content: str) -> list[list[NDArray[Any]]]:
        """Return the tokens of each document of each part, out of one file."""
        # In an order of their own, so that another split or fold finds the same file.
        documents = sorted(
            (one for part in chosen for one in part), key=lambda one: (one.name, one.text)
        )
        names = "\0".join(f"{one.name}\0{len(one.text)}" for one in documents)
        spelled = "\n".join([content, digest_of(self.tokenizer), names])
        key = hashlib.sha256(spelled.encode()).hexdigest()[:32]
        kind = np.uint8 if self.tokenizer.size <= 2**8 else np.uint32
        encoded = cache(lambda: [self.tokenizer.encode(d.text).astype(kind) for d in documents])
        lengths = cache_file(
            self.cache, f"lengths-{key}", lambda: np.array(list(map(len, encoded())))
        )
        tokens = cache_file(self.cache, f"tokens-{key}", lambda: np.concatenate(encoded()))
        pieces = np.split(tokens, np.cumsum(lengths)[:-1])
        found = dict(zip(((one.name, one.text) for one in documents), pieces, strict=True))
        return [[found[one.name, one.text] for one in part] for part in chosen]
