"""Plain data as JSON: quick to read, and never a number that JSON does not have."""

import json
import math
from typing import Any

import orjson


def finite(value: Any) -> Any:
    """Return plain data in which what is no finite number is None.

    Example:
        >>> finite({"a": [1.5, float("nan")]})
        {'a': [1.5, None]}
    """
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def dumps(value: Any) -> str:
    """Return plain data as JSON."""
    return json.dumps(finite(value))


def loads(text: str | bytes) -> Any:
    """Return what JSON says; NaN, which older versions wrote, is read too."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
