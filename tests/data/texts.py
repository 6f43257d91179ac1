"""Text for tests."""

from pathlib import Path

import numpy as np

WORDS = [
    "the",
    "of",
    "and",
    "in",
    "to",
    "that",
    "was",
    "his",
    "he",
    "it",
    "with",
    "is",
    "for",
    "as",
    "had",
    "you",
    "not",
    "be",
    "her",
]


def write_texts(folder: Path, files: int, words: int = 400) -> None:
    """Write files of words that come in an order of their own: each but a few follows another."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        at, said = 0, []
        for _ in range(words):
            at = (at + 1) % len(WORDS) if rng.random() < 0.9 else int(rng.integers(len(WORDS)))
            said.append(WORDS[at])
        (folder / f"{number}.txt").write_text(" ".join(said) + "\n")
