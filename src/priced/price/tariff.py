"""What an hour of a machine costs."""

from dataclasses import dataclass
from math import inf

SECONDS_PER_HOUR = 3600
WATTS_PER_KILOWATT = 1000


@dataclass(frozen=True)
class Tariff:
    """The price of one machine, from a dated source.

    Args:
        name: What the machine is called on the command line.
        usd_per_hour: What an hour of the machine costs, in US dollars, electricity aside
            unless the price includes it (a cloud's does: leave `watts` at zero).
        source: Where the figures were read.
        as_of: The day they were true, as YYYY-MM-DD.
        watts: What the machine draws under load.
        usd_per_kwh: What its electricity costs, in US dollars.

    Raises:
        ValueError: If a price or a power is negative.

    Example:
        >>> Tariff("box", usd_per_hour=3.06, source="a list", as_of="2026-07-20").price(7200)
        6.12
    """

    name: str
    usd_per_hour: float
    source: str
    as_of: str
    watts: float = 0.0
    usd_per_kwh: float = 0.0

    def __post_init__(self) -> None:
        for key in ("usd_per_hour", "watts", "usd_per_kwh"):
            if not 0 <= getattr(self, key) < inf:
                raise ValueError(
                    f"tariff.{key} must be zero or more and finite, got {getattr(self, key)}"
                )

    @property
    def all_in_usd_per_hour(self) -> float:
        """US dollars for an hour of the machine and of its electricity."""
        return self.usd_per_hour + self.watts / WATTS_PER_KILOWATT * self.usd_per_kwh

    def price(self, seconds: float, nodes: int = 1) -> float:
        """Return the US dollars that so many seconds on so many of these machines cost."""
        return seconds / SECONDS_PER_HOUR * nodes * self.all_in_usd_per_hour
