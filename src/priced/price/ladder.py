"""The price of a quality level: the first time that a run's score crosses each rung."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal

Mode = Literal["min", "max"]


@dataclass(frozen=True)
class Point:
    """A validation, and what the run had used when its score was known; earlier lives count.

    Attributes:
        score: The target's metric.
        epoch: Epochs begun, from 1.
        step: Optimizer steps.
        seconds: Wall seconds on the all-in clock.
        fit_seconds: Wall seconds on the train-only clock: no validation, no checkpoints.
        joules: Energy.
        flops: Floating-point operations of training.
        samples: Training samples seen.
        tokens: Training tokens seen.
        usd: The all-in price until then, under the tariff that the run was made with.
        machine_seconds: The all-in clock times the nodes and their share, summed over the lives.
        fit_machine_seconds: Likewise of the train-only clock.
        compile_seconds: How many of `fit_seconds` went into compiling.
        metric: The metric that the score is of.
        mode: Whether lower (min) or higher (max) is better.
    """

    score: float
    epoch: int
    step: int
    seconds: float
    fit_seconds: float
    joules: float
    flops: float
    samples: int
    tokens: int
    usd: float
    machine_seconds: float = 0.0
    fit_machine_seconds: float = 0.0
    compile_seconds: float = 0.0
    metric: str = ""
    mode: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Crossing(Point):
    """The first validation whose score was at a rung or beyond it.

    Attributes:
        rung: The quality level.
    """

    rung: float


def reaches(score: float, rung: float, mode: Mode) -> bool:
    """Say whether a score is at a rung or beyond it."""
    return isfinite(score) and (score >= rung if mode == "max" else score <= rung)


def top_rung(rungs: Sequence[float], mode: Mode) -> float:
    """Return the hardest rung."""
    return max(rungs) if mode == "max" else min(rungs)


def crossings(curve: Sequence[Point], rungs: Sequence[float], mode: Mode) -> tuple[Crossing, ...]:
    """Return where a curve first reaches each rung, easiest first; rungs never reached are absent.

    Example:
        >>> curve = [Point(s, e, e, e * 2.0, e, 0, 0, 0, 0, e / 10)
        ...          for e, s in enumerate([0.5, 0.9, 0.8, 0.96])]
        >>> [(c.rung, c.seconds) for c in crossings(curve, [0.9, 0.95, 0.99], "max")]
        [(0.9, 2.0), (0.95, 6.0)]
    """
    found = []
    for rung in sorted(rungs, reverse=mode == "min"):
        first = next((point for point in curve if reaches(point.score, rung, mode)), None)
        if first is not None:
            found.append(Crossing(rung=rung, **first.as_dict()))
    return tuple(found)


def read_curve(file: Path, metric: str = "", mode: str = "") -> list[Point]:
    """Return the notes in a file; a last line that a killed process tore is let go.

    Args:
        file: A line of JSON for each validation.
        metric: Only of this one: a run that goes on with another target climbs anew. Empty: all.
        mode: Likewise.
    """
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        try:
            found.append(Point(**json.loads(line)))
        except (TypeError, ValueError):
            continue
    asked = {metric, ""}, {mode, ""}
    return [one for one in found if not metric or (one.metric in asked[0] and one.mode in asked[1])]
