"""What a person need not read."""

import logging
import re
import sys
import traceback
import warnings
from typing import Any

from omegaconf.errors import OmegaConfBaseException

from priced.check.secret import hide
from priced.check.suggestion import suggest

_KNOWN_WARNINGS = (
    r".*isinstance\(treespec, LeafSpec\).*",  # torch, to Lightning
    r".*torch\.jit\..* is deprecated.*",  # torch's compiler, to itself
    r".*`srun` command is available on your system.*",  # a worker starts its ranks itself
    r".*is smaller than the logging interval.*",  # the loss is averaged across epochs
)

_FOR_DEVELOPERS = re.compile(
    r"\s*(full_key|object_type|reference_type|provider|Config search path|To append)\b"
)
_NO_OPTION = re.compile(r"Could not find '([\w/]+)/(\w+)'")


_IN_OUR_WORDS = tuple(
    (re.compile(theirs), ours)
    for theirs, ours in (
        (
            r"Error when parsing index: \d+, string: (?:\+\+)?(.*?) out of \[",
            r"the word \1 cannot be read: KEY=VALUE, and quote what has brackets, commas or blanks "
            r"""in it: 'KEY="VALUE"'""",
        ),
        (
            r"Config group override must be a string or a list\. Got (\w+)",
            r"a group takes the name of an option, or a list of names, got \1: model=mlp",
        ),
        (
            r"Recursive interpolation detected",
            r"a value refers to itself, by one or more ${...}: give one of them a value",
        ),
        (
            r"Unsupported interpolation type (\S+)",
            r"${\1:...} is no interpolation: ${key} takes another value of the config",
        ),
        (
            r"Environment variable '(\w+)' not found",
            r"the environment has no \1, which ${oc.env:\1} takes: export \1=...",
        ),
        (
            r"Could not load '(\w+)/(\w*)'",
            r"\1=[...] names \2, none of its options: python train.py \1 --help lists them",
        ),
    )
)
"""What Hydra and OmegaConf say for their own developers, and what it means for a user."""


def say(message: str) -> None:
    """Write a line to the terminal's side for messages, without a secret in it."""
    print(hide(message), file=sys.stderr, flush=True)


def say_error(error: BaseException) -> None:
    """Write what went wrong and where, for who wrote the code, without a secret in it."""
    say("".join(traceback.format_exception(error)).rstrip())


class _Plainly(logging.Formatter):
    """Says a message as it is, without a secret in it."""

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))


def quieten_libraries() -> None:
    """Let Lightning speak of trouble only, in this process."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in _KNOWN_WARNINGS:
        warnings.filterwarnings("ignore", message=message)


def quieten() -> None:
    """Let a command say what a person needs: each warning of anybody's in one line."""
    quieten_libraries()
    warnings.formatwarning = _plain  # type: ignore[assignment]
    ours = logging.getLogger("priced")
    spoken = logging.StreamHandler()
    spoken.setFormatter(_Plainly("%(message)s"))
    ours.handlers = [spoken]
    ours.propagate = False
    sys.excepthook = lambda kind, error, place: say_error(error)


def _plain(message: Warning | str, *args: Any) -> str:
    return hide(f"warning: {message}\n")


def one_line(error: BaseException) -> str:
    """Put an error in one line, without what Hydra and OmegaConf say for their own developers."""
    lines = str(error).splitlines()
    if isinstance(error.__cause__, OmegaConfBaseException):
        lines += str(error.__cause__).splitlines()
    kept = [line.strip() for line in lines if line.strip() and not _FOR_DEVELOPERS.match(line)]
    text = " ".join(dict.fromkeys(kept))
    for pattern, ours in _IN_OUR_WORDS:
        if found := pattern.search(text):
            return found.expand(ours)
    if missed := _NO_OPTION.search(text):
        options = text.partition(f"Available options in '{missed[1]}':")[2].split()
        text += suggest(missed[2], options).replace("mean ", f"mean {missed[1]}=")
    return text
