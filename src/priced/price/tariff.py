"""What an hour of a machine costs."""

from dataclasses import dataclass
from math import inf
from typing import Literal, get_args

SECONDS_PER_HOUR = 3600
JOULES_PER_KWH = 3_600_000

Kind = Literal["on-demand", "spot", "owned"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Tariff:
    """The price of one machine, from a dated source.

    Args:
        name: What the machine is called on the command line.
        usd_per_hour: What an hour of the machine costs, in US dollars, electricity aside
            unless the price includes it (a cloud's does: leave `usd_per_kwh` at zero).
        source: Where the figures were read.
        as_of: When they were true: YYYY-MM-DD, or what the source says of itself.
        machine: What the provider calls it.
        region: Where it stands.
        kind: Bought by the hour, at a price that the provider may take back, or owned.
        accelerator: What computes in it, as `priced.price.accelerator` knows it; None: processors.
        accelerators: How many of them an hour buys.
        vcpus: How many hardware threads an hour buys; None where the source does not say.
        usd_per_kwh: What its electricity costs, in US dollars.
        vcpu_flops_per_second: Peak of one hardware thread at 32 bits, for machines without
            accelerators; None where nobody says.
        vcpu_bytes_per_second: Its share of the memory's peak bandwidth; likewise.

    Raises:
        ValueError: If a price is negative or a count too small.

    Example:
        >>> Tariff("box", usd_per_hour=3.06, source="a list", as_of="2026-07-20").price(7200)
        6.12
    """

    name: str
    usd_per_hour: float
    source: str
    as_of: str
    machine: str = ""
    region: str = ""
    kind: Kind = "on-demand"
    accelerator: str | None = None
    accelerators: int = 0
    vcpus: int | None = None
    usd_per_kwh: float = 0.0
    vcpu_flops_per_second: float | None = None
    vcpu_bytes_per_second: float | None = None

    def __post_init__(self) -> None:
        for key in ("usd_per_hour", "usd_per_kwh"):
            if not 0 <= getattr(self, key) < inf:
                raise ValueError(
                    f"tariff.{key} must be zero or more and finite, got {getattr(self, key)}"
                )
        for key in ("accelerators", "vcpus"):
            if (getattr(self, key) or 0) < 0:
                raise ValueError(f"tariff.{key} must be zero or more, got {getattr(self, key)}")

    def price(self, seconds: float, joules: float = 0.0, nodes: int = 1) -> float:
        """Return what so many seconds on so many of these machines cost.

        Args:
            seconds: All-in wall seconds.
            joules: What all the machines drew, in sum.
            nodes: How many machines.

        Returns:
            US dollars.
        """
        hours = seconds / SECONDS_PER_HOUR * nodes
        return hours * self.usd_per_hour + joules / JOULES_PER_KWH * self.usd_per_kwh


UNPRICED = Tariff("", usd_per_hour=0.0, source="", as_of="")
"""That of what was never priced."""
