"""Files that only their owner reads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

OTHERS = 0o077


@contextmanager
def private() -> Iterator[None]:
    """Let what is made inside be its owner's alone; a stricter umask stays as it is."""
    before = os.umask(OTHERS)
    os.umask(before | OTHERS)
    try:
        yield
    finally:
        os.umask(before)
