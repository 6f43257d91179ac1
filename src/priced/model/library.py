"""Libraries that only some networks need."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def library(name: str, extra: str, wanted: str) -> Any:
    """Return something that a library has.

    Args:
        name: The library's.
        extra: What of ours brings it.
        wanted: The name of what it has.

    Raises:
        ValueError: If the library is missing.
    """
    try:
        with mute():
            return getattr(import_module(name), wanted)
    except ImportError as error:
        raise ValueError(f"this needs {name}: pip install 'priced[{extra}]' ({error})") from error


@contextmanager
def mute() -> Iterator[None]:
    """Let no library log warnings: they tell what parts of theirs this machine cannot run."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
