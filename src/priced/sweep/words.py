"""The words that a sweep was started by, kept in its folder."""

from collections.abc import Sequence
from pathlib import Path

from priced.check.redact import redact_word
from priced.check.secret import MASK
from priced.compose.words import key_of
from priced.record.folder import read_json

SWEEP = "sweep.json"
ADJUSTABLE = ("name", "n_trials", "n_jobs", "budget_usd", "budget_seconds", "max_failure_rate")
"""What may differ from one start of a sweep to the next."""


def read_words(folder: Path, given: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the id and the words of the sweep that a folder holds, as this command wants them.

    Args:
        folder: The sweep's.
        given: This command's words: those that the sweep was started with, or only what may
            differ from one start to the next.

    Raises:
        ValueError: If they are those of another sweep.
    """
    state = read_json(folder / SWEEP)
    kept, again = list(state["words"]), _without_adjustable(given)
    if not again:
        if any(MASK in word for word in kept):
            raise ValueError("the sweep was given a secret: give all its words again")
        adjusted = {key_of(word) for word in given}
        stay = [word for word in kept if key_of(word) not in adjusted]
        return state["id"], (*stay, *given)
    before = [word.lstrip("+~") for word in _without_adjustable(kept)]
    now = [redact_word(word).lstrip("+~") for word in again]
    if now != before:
        new = " ".join(word for word in now if word not in before) or "fewer words"
        old = " ".join(word for word in before if word not in now) or "fewer words"
        raise ValueError(
            f"the sweep in {folder} was started with {old}, now it is {new}: "
            "take another sweep.name, or only its name to go on"
        )
    return state["id"], tuple(given)


def _without_adjustable(words: Sequence[str]) -> list[str]:
    keys = {"logs", *(f"sweep.{key}" for key in ADJUSTABLE)}
    return [word for word in words if key_of(word) not in keys]
