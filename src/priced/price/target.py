"""What a run went by."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """What a run was to reach, and how its scores are to be read.

    Attributes:
        metric: The score that it went by.
        mode: Whether lower (min) or higher (max) is better.
        rungs: The quality levels whose price is kept.
        directions: Which way each score of its task is better, by quantity.
        limited: Whether it saw a part of its data alone, so that its scores are of that part.
        scored: How the folds of a cross-validation were scored; empty without one.
    """

    metric: str = ""
    mode: str = ""
    rungs: tuple[float, ...] = ()
    directions: dict[str, str] = field(default_factory=dict)
    limited: bool = False
    scored: str = ""
