"""The classes that a config may name."""

from pathlib import Path

_LINES = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()

ALLOWED = frozenset(line for line in _LINES if line and not line.startswith("#"))
"""Full names, as `_target_` has them."""
