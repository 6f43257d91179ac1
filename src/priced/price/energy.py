"""What the machine draws, in joules: by NVML and RAPL where they are, else estimated.

Source: codecarbon (https://github.com/mlco2/codecarbon), whose offline tracker needs no network.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import Any

from priced.price.process import Process
from priced.price.tariff import JOULES_PER_KWH
from priced.price.usage import clock

MEASURE_SECONDS = 2
_ANY_COUNTRY = "USA"
"""The tracker wants one for its grams of CO2, which are not taken from it."""


@dataclass(frozen=True)
class Drawn:
    """Energy.

    Attributes:
        joules: All of it.
        estimated: How much of it comes from rated power and load, not from a counter.
    """

    joules: float = 0.0
    estimated: float = 0.0

    def __sub__(self, other: "Drawn") -> "Drawn":
        return Drawn(self.joules - other.joules, self.estimated - other.estimated)

    def __mul__(self, share: float) -> "Drawn":
        return Drawn(self.joules * share, self.estimated * share)


@dataclass(frozen=True)
class _Measured:
    at: float
    tracked_seconds: float
    drawn: Drawn
    watts: float
    estimated_watts: float


class Energy:
    """What the machine drew since a moment, readable at any later one and at no cost.

    The machine is measured every two seconds. Since the last measurement its power is taken to
    have gone on; before the first, to have been what it was on average. Nothing is known until
    the first one, about a second after the start.

    Args:
        since: The moment, by `priced.price.usage.clock`.

    Attributes:
        charged: What earlier runs of this process have been charged for.
    """

    def __init__(self, since: float) -> None:
        # Power is not taken to have gone on while the machine was suspended.
        self.since = time.perf_counter() - (clock() - since)
        self._last: _Measured | None = None
        self.charged = Drawn()
        self._told = Drawn()
        self._known = threading.Event()

    def note(
        self, tracked_seconds: float, drawn: Drawn, watts: float, estimated_watts: float
    ) -> None:
        """Take a measurement: what was drawn in the seconds tracked so far, and the power now."""
        now = time.perf_counter()
        self._last = _Measured(now, tracked_seconds, drawn, watts, estimated_watts)
        self._known.set()

    def watts(self, patience_seconds: float) -> float:
        """Return the power at the last measurement; wait for the first one, at most so long."""
        self._known.wait(patience_seconds)
        return self._last.watts if self._last else 0.0

    def measure_drawn(self) -> Drawn:
        """Return what was drawn until now; never less than before."""
        now = self._estimate()
        if now.joules > self._told.joules:
            self._told = now
        return self._told

    def _estimate(self) -> Drawn:
        last = self._last
        if last is None:
            return Drawn()
        ahead = time.perf_counter() - last.at
        joules = last.drawn.joules + last.watts * ahead
        estimated = last.drawn.estimated + last.estimated_watts * ahead
        tracked = last.tracked_seconds + ahead
        unseen = max(0.0, last.at + ahead - self.since - tracked)
        if tracked < MEASURE_SECONDS:  # too little for a mean
            return Drawn(joules + last.watts * unseen, estimated + last.estimated_watts * unseen)
        return Drawn(joules * (1 + unseen / tracked), estimated * (1 + unseen / tracked))


_running: Energy | None = None


def machine_energy(since: float) -> Energy:
    """Return what reads this machine's energy, started with the first call of a process.

    Args:
        since: When the process started; only the first call's counts.
    """
    global _running
    if _running is None:
        _running = Energy(since)
        # In the background: finding out what the processor is takes a second of waiting.
        threading.Thread(target=_track, args=(_running,), name="energy", daemon=True).start()
    return _running


def begin_charging() -> None:
    """Let the next run of this process pay from now on, in seconds and in joules."""
    Process.begin()
    if _running is not None:
        _running.charged = _running.measure_drawn()


def _track(energy: Energy) -> None:
    logging.getLogger("codecarbon").disabled = True
    from codecarbon import OfflineEmissionsTracker
    from codecarbon.core.cpu import is_rapl_available
    from codecarbon.output_methods.base_output import BaseOutput

    counted = bool(is_rapl_available())

    class Sink(BaseOutput):
        def live_out(self, total: Any, delta: Any) -> None:
            guessed = total.ram_energy + (0 if counted else total.cpu_energy)
            energy.note(
                total.duration,
                Drawn(total.energy_consumed * JOULES_PER_KWH, guessed * JOULES_PER_KWH),
                total.cpu_power + total.gpu_power + total.ram_power,
                total.ram_power + (0 if counted else total.cpu_power),
            )

    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    tracker = OfflineEmissionsTracker(
        country_iso_code=_ANY_COUNTRY,
        measure_power_secs=MEASURE_SECONDS,
        api_call_interval=1,
        output_methods=[],
        output_handlers=[Sink()],
        allow_multiple_runs=True,
        log_level="critical",
        **({"gpu_ids": visible} if visible else {}),
    )
    logging.getLogger("codecarbon").disabled = True
    tracker.start()
