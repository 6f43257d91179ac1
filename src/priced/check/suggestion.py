"""A hint at what was meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that is closest, or nothing.

    Example:
        >>> suggest("widht", ["depth", "width"])
        '; did you mean width?'
    """
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
