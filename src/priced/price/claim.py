"""Whether a quality level is reached over several seeds, and what a run that tries costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, inf, nan, sqrt
from statistics import fmean

from scipy.special import stdtr, stdtrit

from priced.price.ladder import Mode

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Claim:
    """What n seeds say of a quality level.

    Attributes:
        n: How many seeds.
        mean: Their mean score.
        low, high: Its two-sided 95 % confidence interval, by Student's t.
        p: One-sided: how likely scores so good are if the true mean is only at the level.
        reached: Whether p is below 0.05.
        usd: The mean price of a run, without the cheapest and the dearest of three or more.
        seconds: Likewise the mean all-in seconds, without the fastest and the slowest.
        dropped: Whether any were dropped.
    """

    n: int
    mean: float
    low: float
    high: float
    p: float
    reached: bool
    usd: float
    seconds: float
    dropped: bool


def claim(
    scores: Sequence[float], at: float, mode: Mode, seconds: Sequence[float], usd: Sequence[float]
) -> Claim:
    """Return what scores of runs that differ in their seed alone say of a level.

    Args:
        scores: One a seed; two or more.
        at: The level.
        mode: Whether lower (min) or higher (max) is better.
        seconds: All-in wall seconds of the same runs.
        usd: Their prices.

    Raises:
        ValueError: If there are fewer than two.

    Example:
        >>> found = claim([0.97, 0.98, 0.99], 0.96, "max", [1, 2, 9], [1, 2, 9])
        >>> found.reached, round(found.p, 4), found.usd
        (True, 0.0371, 2.0)
    """
    if len(scores) < 2:
        raise ValueError(f"a claim needs two seeds or more, got {len(scores)}")
    low, high = interval(scores)
    beyond = fmean(scores) - at if mode == "max" else at - fmean(scores)
    error = _spread(scores) / sqrt(len(scores))
    t = beyond / error if error else (inf if beyond > 0 else -inf)
    p = float(stdtr(len(scores) - 1, -t))
    return Claim(
        n=len(scores),
        mean=fmean(scores),
        low=low,
        high=high,
        p=p,
        reached=p < 1 - CONFIDENCE,
        usd=trim_mean(usd),
        seconds=trim_mean(seconds),
        dropped=len(usd) > 2,
    )


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the two-sided 95 % confidence interval of a mean, by Student's t; NaN for one value.

    Example:
        >>> [round(bound, 3) for bound in interval([1.0, 2.0, 3.0])]
        [-0.484, 4.484]
    """
    if len(values) < 2:
        return nan, nan
    error = _spread(values) / sqrt(len(values))
    reach = float(stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2)) * error
    return fmean(values) - reach, fmean(values) + reach


def _spread(values: Sequence[float]) -> float:
    """Return the sample's standard deviation.

    By floats: statistics.stdev reckons with fractions, two seconds more for a long report.
    """
    mean = fmean(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def trim_mean(values: Sequence[float]) -> float:
    """Return the mean without the smallest and the largest, where there are three or more."""
    kept = sorted(values)[1:-1] if len(values) > 2 else values
    return fmean(kept)
