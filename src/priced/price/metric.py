"""What a score means: which way is better, in what unit, and what to call it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from priced.price.ladder import Mode


@dataclass(frozen=True)
class Metric:
    """A quantity that a task logs.

    Attributes:
        mode: Whether lower (min) or higher (max) is better.
        unit: What it is counted in; empty for a share.
        display: What a person calls it.
    """

    mode: Mode
    unit: str = ""
    display: str = ""


def metrics_of(declared: object) -> dict[str, Metric]:
    """Return what a task declares as `METRICS`: name -> (mode, unit, display).

    Example:
        >>> metrics_of({"fid": ("min", "", "FID")})["fid"].mode
        'min'
    """
    if not isinstance(declared, Mapping):
        return {}
    return {str(name): Metric(*declaration) for name, declaration in declared.items()}


def direction(metric: str, directions: Mapping[str, Any]) -> Mode | None:
    """Return which way a metric is better, by what its task declares; None where it does not.

    Args:
        metric: With its stage, such as `test/fid`.
        directions: Of each quantity, without a stage.

    Example:
        >>> direction("test/fid", {"fid": "min"}), direction("val/steam", {"fid": "min"})
        ('min', None)
    """
    better = directions.get(metric.partition("/")[2] or metric)
    return better if better in ("min", "max") else None
