"""A tree of settings, laid flat."""

from typing import Any


def leaves(value: Any, key: str = "") -> dict[str, Any]:
    """Return the values of a tree by dotted key; a list is a value.

    Example:
        >>> leaves({"model": {"width": 16, "sizes": [1, 2]}, "seed": 0})
        {'model.width': 16, 'model.sizes': [1, 2], 'seed': 0}
    """
    if not isinstance(value, dict):
        return {key: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= leaves(inner, f"{key}.{name}" if key else str(name))
    return found
