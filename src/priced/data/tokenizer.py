"""Text as numbers, and back."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from priced.record.folder import CONFIG, DATA, read_json

KINDS = ("bytes", "characters", "bpe")
_FILE = "tokenizer.json"
Around = tuple[Sequence[int], Sequence[int]]


class Tokenizer(Protocol):
    """Maps text to tokens 0..size-1."""

    @property
    def size(self) -> int:
        """Return V."""
        ...

    @property
    def around(self) -> Around:
        """Return the tokens that a model wants before and after an example."""
        ...

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return the tokens (T,) of a text."""
        ...

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens; what is no text becomes a replacement character."""
        ...

    def widths(self) -> NDArray[np.int64]:
        """Return how many bytes of UTF-8 each token (V,) stands for."""
        ...

    def state(self) -> dict[str, Any]:
        """Return it as plain data."""
        ...


class Bytes:
    """The 256 bytes of UTF-8: nothing to learn, nothing unknown."""

    size = 256
    around: Around = ((), ())

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return the bytes (T,) of a text."""
        return np.frombuffer(text.encode("utf-8"), np.uint8).astype(np.int64)

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of bytes."""
        return bytes(tokens).decode("utf-8", "replace")

    def widths(self) -> NDArray[np.int64]:
        """Return ones (256,)."""
        return np.ones(self.size, dtype=np.int64)

    def state(self) -> dict[str, Any]:
        """Return its kind."""
        return {"kind": "bytes"}


class Characters:
    """The characters that a text has.

    Args:
        alphabet: All of them, in order.
    """

    around: Around = ((), ())

    def __init__(self, alphabet: str) -> None:
        self.alphabet = alphabet
        self.size = len(alphabet)
        self._numbers = {character: number for number, character in enumerate(alphabet)}

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return the characters' numbers (T,).

        Raises:
            ValueError: If the text has a character that the alphabet has not.
        """
        if unknown := sorted(set(text) - set(self._numbers)):
            raise ValueError(f"the text must have known characters, got {unknown[0]!r}")
        return np.array([self._numbers[c] for c in text], dtype=np.int64)

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of characters' numbers."""
        return "".join(self.alphabet[token] for token in tokens)

    def widths(self) -> NDArray[np.int64]:
        """Return the bytes of each character (V,)."""
        return np.array([len(c.encode()) for c in self.alphabet], dtype=np.int64)

    def state(self) -> dict[str, Any]:
        """Return its kind and its alphabet."""
        return {"kind": "characters", "alphabet": self.alphabet}


class Pieces:
    """Any tokenizer of the `tokenizers` library.

    Args:
        text: What the library saves it as, in JSON.
    """

    def __init__(self, text: str) -> None:
        self._made = _library().Tokenizer.from_str(text)
        self._made.no_truncation()  # which a model's own file may ask for
        self._made.no_padding()
        self.size: int = self._made.get_vocab_size(with_added_tokens=True)
        whole = self._made.encode("a", add_special_tokens=True)
        own = [place for place, added in enumerate(whole.special_tokens_mask) if not added]
        first, end = (own[0], own[-1] + 1) if own else (len(whole.ids), len(whole.ids))
        self.around: Around = (whole.ids[:first], whole.ids[end:])

    @classmethod
    def learn(cls, texts: Iterable[str], size: int) -> "Pieces":
        """Learn byte-pair encoding over bytes (Sennrich et al. 2016), of V or fewer tokens."""
        library = _library()
        made = library.Tokenizer(library.models.BPE())
        made.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = library.decoders.ByteLevel()
        trainer = library.trainers.BpeTrainer(
            vocab_size=size,
            show_progress=False,
            initial_alphabet=sorted(library.pre_tokenizers.ByteLevel.alphabet()),
        )
        made.train_from_iterator(texts, trainer)
        return cls(made.to_str())

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return the tokens (T,) of a text, without a model's special ones."""
        return np.array(self._made.encode(text, add_special_tokens=False).ids, dtype=np.int64)

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens."""
        text: str = self._made.decode(list(tokens), skip_special_tokens=False)
        return text

    def widths(self) -> NDArray[np.int64]:
        """Return the bytes of each token (V,); a special one stands for none.

        As tokens are spelled: by bytes (GPT-2), with ▁ for a space (SentencePiece), with ## where
        no space is before (WordPiece, which has lost the text's blanks).
        """
        decoder = json.loads(self._made.to_str())["decoder"] or {}
        by_byte = "ByteLevel" in [
            one.get("type") for one in [decoder, *decoder.get("decoders", [])]
        ]
        added = self._made.get_added_tokens_decoder()
        found = np.zeros(self.size, dtype=np.int64)
        for token in range(self.size):
            if token in added:
                found[token] = 0 if added[token].special else len(added[token].content.encode())
            else:
                found[token] = _width(self._made.id_to_token(token), by_byte)
        return found

    def state(self) -> dict[str, Any]:
        """Return its kind and its JSON."""
        return {"kind": "pieces", "json": self._made.to_str()}


def _width(spelled: str, by_byte: bool) -> int:
    if by_byte:
        return len(spelled)  # a character is a byte there; half of a letter has no text
    if re.fullmatch("<0x[0-9A-F]{2}>", spelled):
        return 1
    return len(spelled.removeprefix("##").replace("▁", " ").encode())


def tokenizer_of(state: dict[str, Any]) -> Tokenizer:
    """Return the tokenizer that a state is of."""
    if state["kind"] == "bytes":
        return Bytes()
    if state["kind"] == "characters":
        return Characters(state["alphabet"])
    return Pieces(state["json"])


def find_kept(name: str) -> Tokenizer:
    """Return a tokenizer that is there already.

    Args:
        name: A run's folder, a folder or file that holds a tokenizer.json, or the name of a model
            on the Hugging Face hub.

    Raises:
        ValueError: If there is none.
    """
    place = Path(name)
    if (place / CONFIG).is_file():
        state = read_json(place / DATA).get("tokenizer")
        if state is None:
            raise ValueError(f"data.tokenizer: the run in {name} was not trained on text")
        return tokenizer_of(state)
    file = place / _FILE if place.is_dir() else place
    if file.is_file():
        return Pieces(file.read_text(encoding="utf-8"))
    try:
        return Pieces(_library().Tokenizer.from_pretrained(name).to_str())
    except Exception as error:  # the library raises whatever its transports raise
        raise ValueError(
            f"data.tokenizer must be {', '.join(KINDS)}, a run's folder, a tokenizer.json or a "
            f"model of the hub, got {name} ({' '.join(str(error).split())[:120]})"
        ) from error


def digest_of(tokenizer: Tokenizer) -> str:
    """Return what tells a tokenizer from others."""
    return json.dumps(tokenizer.state(), sort_keys=True)


def _library() -> Any:
    try:
        import tokenizers
        import tokenizers.decoders
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError as error:
        raise ValueError(
            "this tokenizer needs a library: pip install 'priced[text]', or take "
            "data.tokenizer=bytes"
        ) from error
    return tokenizers
