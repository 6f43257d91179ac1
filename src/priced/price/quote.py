"""What a run will cost, said before it is made; and what it would on other machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import sqrt

from priced.price.accelerator import accelerator
from priced.price.tariff import JOULES_PER_KWH, SECONDS_PER_HOUR, Tariff


@dataclass(frozen=True)
class Quote:
    """What a short probe of the real thing says of the whole of it.

    Attributes:
        seconds: All-in wall seconds of the run, the quote itself aside.
        seconds_low, seconds_high: Between which they should fall on this machine.
        scaled_seconds: How many of them a faster device would shorten: steps and evaluation.
        joules: Energy.
        usd: The price under the run's own tariff.
        usd_low, usd_high: Between which it should fall.
        tariff: That tariff's name.
        stages: What it is a quote for.
        steps: Steps of all optimizers that are still to do.
        step_seconds: Wall seconds of one batch, with the wait for its data.
        flops: Floating-point operations of one batch.
        step_bytes: Bytes that the operators of one batch read and write.
        flops_per_second: What this machine was seen to do at best, at the run's precision.
        bytes_per_second: What its memory was seen to move at best.
        vcpus: Hardware threads of this machine.
        threads: How many of them a step uses.
        batch_seconds_by_threads: What a batch was seen to take by so many threads, [threads,
            seconds]; empty where an accelerator computes.
        operators: How many operators a batch runs.
        accelerators: Accelerators that the run takes; 0: processors.
        precision: The precision that really runs.
        peak_memory_bytes: The most memory held, on the device if the run has one, else the host.
        nodes: How many machines.
        batches, samples, validations, validation_batches, saves: What is still to do, see
            `priced.callback.units.Units`.
        start_seconds: How many of the seconds are the start of the process, which runs that follow
            each other in one share.
        error: Once the run is done: its seconds over those quoted, less one.
    """

    seconds: float
    seconds_low: float
    seconds_high: float
    scaled_seconds: float
    joules: float
    usd: float
    usd_low: float
    usd_high: float
    tariff: str
    stages: list[str]
    steps: int
    step_seconds: float
    flops: float
    step_bytes: float
    flops_per_second: float
    bytes_per_second: float
    vcpus: int
    accelerators: int
    precision: str
    peak_memory_bytes: int
    threads: int = 0
    batch_seconds_by_threads: list[list[float]] = field(default_factory=list)
    operators: int = 0
    nodes: int = 1
    batches: int = 0
    samples: int = 0
    validations: int = 0
    validation_batches: int = 0
    saves: int = 0
    start_seconds: float = 0.0
    error: float | None = None

    def under(self, tariff: Tariff) -> "Quote":
        """Return the same work at the prices of a tariff, whatever it was quoted at."""
        watts = self.joules / self.seconds if self.seconds else 0.0
        usd, low, high = (
            tariff.price(seconds, watts * seconds, self.nodes)
            for seconds in (self.seconds, self.seconds_low, self.seconds_high)
        )
        return replace(self, tariff=tariff.name, usd=usd, usd_low=low, usd_high=high)

    def times(self, runs: int) -> "Quote":
        """Return the quote of so many runs like this one, after each other in one process."""
        grown = {key: getattr(self, key) * runs for key in _COUNTS}
        for seconds, amounts in _TIMES.items():
            whole = getattr(self, seconds)
            # The process starts once.
            factor = runs - (runs - 1) * self.start_seconds / whole if whole else runs
            grown |= {key: getattr(self, key) * factor for key in (seconds, *amounts)}
        return replace(self, scaled_seconds=self.scaled_seconds * runs, **grown)

    def plus(self, other: "Quote") -> "Quote":
        """Return the quote of both, after each other in one process."""
        keys = (*_COUNTS, "scaled_seconds")
        both = {key: getattr(self, key) + getattr(other, key) for key in keys}
        for seconds, amounts in _TIMES.items():
            whole = getattr(other, seconds)
            share = 1 - other.start_seconds / whole if whole else 1.0
            more = {key: share * getattr(other, key) for key in (seconds, *amounts)}
            both |= {key: getattr(self, key) + one for key, one in more.items()}
        return replace(self, **both)


_COUNTS = ("steps", "batches", "samples", "validations", "validation_batches", "saves")
_TIMES = {
    "seconds": ("joules", "usd"),
    "seconds_low": ("usd_low",),
    "seconds_high": ("usd_high",),
}
"""Seconds, and what is in proportion to them."""


@dataclass(frozen=True)
class Estimate:
    """A quote carried over to another machine.

    Attributes:
        tariff: The machine and its price.
        seconds: All-in wall seconds, with the least and the most they may be.
        usd: Their price, with its bounds.
        kwh: Energy of the accelerators at their rated power; None where it is not known.
        fits: Whether the run's memory fits on one accelerator; None where that is not known.
    """

    tariff: Tariff
    seconds: float
    seconds_low: float
    seconds_high: float
    usd: float
    usd_low: float
    usd_high: float
    kwh: float | None
    fits: bool | None


def estimates(quote: Quote, tariffs: Mapping[str, Tariff]) -> list[Estimate]:
    """Return what the run would cost on each machine whose peaks are known, cheapest first.

    The bounds are what is known: at best the work goes by the ceiling of the machine there that
    lifts more (peak FLOP/s or bandwidth), shared by all its accelerators; at worst by the other
    one, all accelerators idle but one, and no operator of a batch starts in less than
    `LAUNCH_SECONDS`. Processors are taken to share the work no better than threads were seen to
    do here, so that what nobody measured speeds nothing up. The point is the middle of the bounds,
    by their ratio.

    Source: Williams, Waterman and Patterson, Roofline (CACM 52(4), 2009).
    """
    found = [_estimate(quote, tariff) for tariff in tariffs.values()]
    return sorted((one for one in found if one is not None), key=lambda one: one.usd)


LAUNCH_SECONDS = 1e-5
"""What a host takes to start an operator on an accelerator: an assumption, of its order only.

Source: https://pytorch.org/blog/accelerating-pytorch-with-cuda-graphs/ (networks bound by it).
"""


def _estimate(quote: Quote, tariff: Tariff) -> Estimate | None:
    factors = _factors(quote, tariff)
    if factors is None:
        return None
    rest = quote.seconds - quote.scaled_seconds
    point, low, high = (rest + quote.scaled_seconds * factor for factor in factors)
    known = accelerator(tariff.accelerator or "", quote.precision)
    watts = known.watts if known else None
    return Estimate(
        tariff=tariff,
        seconds=point,
        seconds_low=low * quote.seconds_low / quote.seconds,
        seconds_high=high * quote.seconds_high / quote.seconds,
        usd=tariff.price(point),
        usd_low=tariff.price(low * quote.seconds_low / quote.seconds),
        usd_high=tariff.price(high * quote.seconds_high / quote.seconds),
        kwh=None if watts is None else watts * tariff.accelerators * point / JOULES_PER_KWH,
        fits=known.memory_bytes > quote.peak_memory_bytes if known and known.memory_bytes else None,
    )


def _factors(quote: Quote, tariff: Tariff) -> tuple[float, float, float] | None:
    """Return by what the scaled seconds are multiplied there: estimate, least, most."""
    bounds = _on_processors(quote, tariff) if not tariff.accelerators else _on(quote, tariff)
    if bounds is None:
        return None
    low, high = bounds
    return sqrt(low * high), low, high


def _on(quote: Quote, tariff: Tariff) -> tuple[float, float] | None:
    """Return the bounds on a machine with accelerators."""
    peak = accelerator(tariff.accelerator or "", quote.precision)
    if peak is None or not peak.flops_per_second:
        return None
    compute = quote.flops_per_second / peak.flops_per_second
    memory = quote.bytes_per_second / (peak.bytes_per_second or float("inf")) or compute
    taken = max(quote.accelerators, 1)
    low, high = min(compute, memory) * taken / tariff.accelerators, max(compute, memory) * taken
    floor = quote.operators * LAUNCH_SECONDS / quote.step_seconds if quote.step_seconds else 0.0
    # Where an accelerator computes already, what was measured has its launches in it.
    return low, max(low, high, 0.0 if quote.accelerators else floor)


def _on_processors(quote: Quote, tariff: Tariff) -> tuple[float, float] | None:
    """Return the bounds on a machine of processors alone."""
    timed = {int(threads): seconds for threads, seconds in quote.batch_seconds_by_threads}
    if quote.accelerators or not tariff.vcpus or not timed or not tariff.vcpu_flops_per_second:
        return None  # nothing says how fast a processor would be
    compute = quote.flops_per_second / quote.threads / tariff.vcpu_flops_per_second
    memory = compute
    if tariff.vcpu_bytes_per_second:
        memory = quote.bytes_per_second / quote.threads / tariff.vcpu_bytes_per_second
    own = timed[quote.threads]
    within = [seconds for threads, seconds in timed.items() if threads <= tariff.vcpus]
    # Fewer threads than were ever timed: as much slower as there are fewer.
    best = min(within) if within else timed[min(timed)] * min(timed) / tariff.vcpus
    alone = timed.get(1, max(timed.values()))
    return min(compute, memory) * best / own, max(compute, memory) * max(alone, best) / own


def kwh(joules: float) -> float:
    """Return kilowatt-hours."""
    return joules / JOULES_PER_KWH


def minutes(seconds: float) -> float:
    """Return minutes."""
    return seconds / SECONDS_PER_HOUR * 60
