"""How fast a price falls: the yearly factor of an exponential, with its uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log, sqrt

from scipy.special import stdtrit

from priced.price.claim import CONFIDENCE

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Trend:
    """An exponential through dated prices.

    Attributes:
        factor: What a price is multiplied by in a year: below one, it falls.
        low, high: The factor's 95 % interval, by Student's t.
        n: How many prices went in.
        things: Of how many different things; each has a level of its own.
    """

    factor: float
    low: float
    high: float
    n: int
    things: int


def trend(prices: Sequence[tuple[str, date, float]]) -> Trend | None:
    """Fit log(price) by a level for each thing and one slope for all, by least squares.

    Args:
        prices: (thing, day, price) each; prices above zero.

    Returns:
        The trend; None if the prices do not determine it and its uncertainty.

    Example:
        >>> falling = [("a", date(2020 + k, 1, 1), 8 / 2**k * (1 + k % 2 / 50)) for k in range(4)]
        >>> round(trend(falling).factor, 1)
        0.5
    """
    groups: dict[str, list[tuple[float, float]]] = {}
    for thing, day, price in prices:
        groups.setdefault(thing, []).append((day.toordinal() / DAYS_PER_YEAR, log(price)))
    points = [point for group in groups.values() for point in _about_mean(group)]
    spread = sum(x * x for x, _ in points)
    freedom = len(points) - len(groups) - 1
    if freedom < 1 or spread == 0:
        return None
    slope = sum(x * y for x, y in points) / spread
    left = sum((y - slope * x) ** 2 for x, y in points)
    reach = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * sqrt(left / freedom / spread)
    low, high = exp(slope - reach), exp(slope + reach)
    return Trend(exp(slope), low, high, len(points), len(groups))


def _about_mean(group: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    x0 = sum(x for x, _ in group) / len(group)
    y0 = sum(y for _, y in group) / len(group)
    return [(x - x0, y - y0) for x, y in group]


def day(text: str) -> date:
    """Return the day that a fact's date means; of a month or a year alone, its middle.

    Example:
        >>> day("2021-01"), day("2026-07-20")
        (datetime.date(2021, 1, 15), datetime.date(2026, 7, 20))
    """
    parts = [int(part) for part in text[:10].split("-")]
    return date(*[*parts, *(7, 15)[len(parts) - 1 :]] if len(parts) < 3 else parts)
