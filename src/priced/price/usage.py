"""What a run used: measured, never priced."""

import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Usage:
    """What one life of a run (one process, from its start to its end) used.

    Attributes:
        seconds: Wall seconds on the all-in clock, from the process's start: what a bill charges.
        fit_seconds: Wall seconds on the train-only clock: training steps, the wait for their data
            and compilation; no validation, no checkpoints.
        seconds_by_phase: The all-in clock, split without gap or overlap.
        cpu_seconds: Processor seconds, user and system, of the process and its children: other
            ranks on its machine, readers of data.
        joules: What the machines drew.
        joules_estimated: How much of that was estimated from rated power, not measured.
        flops: Floating-point operations of training, counted on one real step.
        steps: Optimizer steps.
        batches: Training batches, of each device.
        validations: How often training was validated.
        validation_batches: Batches of all those, of each device.
        samples: Training samples seen.
        tokens: Training tokens seen; 0 for data that has none.
        devices: How many accelerators (or processors, for a run on the CPU) worked at once.
        device_seconds: Wall seconds of all of them, in sum.
        device_name: What they are.
        nodes: How many machines.
        share: How much of each it had, in (0, 1]: less than one beside other workers of a sweep.
            The joules are this share of the machine's.
        machine_seconds: The all-in clock times the nodes and their share: what a bill is made of.
        fit_machine_seconds: Likewise of the train-only clock.
        mfu: Model FLOP/s on the train-only clock as a share of the devices' peak, in [0, 1]; None
            where the peak is not known.
        peak_memory_bytes: The most memory that the process and its children held on the host.
        peak_device_memory_bytes: The most memory that torch held on one accelerator.
    """

    seconds: float = 0.0
    fit_seconds: float = 0.0
    seconds_by_phase: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    joules: float = 0.0
    joules_estimated: float = 0.0
    flops: float = 0.0
    steps: int = 0
    samples: int = 0
    tokens: int = 0
    devices: int = 1
    device_seconds: float = 0.0
    device_name: str = ""
    nodes: int = 1
    share: float = 1.0
    machine_seconds: float = 0.0
    fit_machine_seconds: float = 0.0
    batches: int = 0
    validations: int = 0
    validation_batches: int = 0
    mfu: float | None = None
    peak_memory_bytes: int = 0
    peak_device_memory_bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self)


_SUMMED = (
    "seconds",
    "fit_seconds",
    "cpu_seconds",
    "joules",
    "joules_estimated",
    "flops",
    "steps",
    "samples",
    "tokens",
    "device_seconds",
    "machine_seconds",
    "fit_machine_seconds",
    "batches",
    "validations",
    "validation_batches",
)


def total(lives: Iterable[Usage]) -> Usage:
    """Return what several lives of a run used together.

    Example:
        >>> total([Usage(seconds=2, steps=3), Usage(seconds=1, steps=4)]).steps
        7
    """
    whole = Usage()
    for life in lives:
        for key in _SUMMED:
            setattr(whole, key, getattr(whole, key) + getattr(life, key))
        for phase, seconds in life.seconds_by_phase.items():
            whole.seconds_by_phase[phase] = whole.seconds_by_phase.get(phase, 0.0) + seconds
        for key in ("devices", "nodes", "peak_memory_bytes", "peak_device_memory_bytes"):
            setattr(whole, key, max(getattr(whole, key), getattr(life, key)))
        whole.device_name = life.device_name or whole.device_name
        whole.share = life.share
        whole.mfu = whole.mfu if life.mfu is None else life.mfu
    return whole


_BOOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def clock() -> float:
    """Return seconds since some moment; a machine that is suspended is paid for all the same."""
    # Windows' own goes on while it sleeps; a Mac's does not.
    return time.perf_counter() if _BOOT is None else time.clock_gettime(_BOOT)


class Stopwatch:
    """Splits time into phases: exactly one runs at any moment.

    Args:
        phase: The phase that runs first.
        since: When it began, by `clock`; None: now.
    """

    def __init__(self, phase: str, since: float | None = None) -> None:
        now = clock()
        self.started = self._since = now if since is None else since
        self.phase = phase
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()  # a sign of life reads it from another thread

    def enter(self, phase: str) -> str:
        """Charge the time since the last call to the phase that ran, and start another.

        Returns:
            The phase that ran.
        """
        with self._lock:
            now = clock()
            old = self.phase
            self._seconds[old] = self._seconds.get(old, 0.0) + now - self._since
            self._since = now
            self.phase = phase
        return old

    @property
    def seconds(self) -> float:
        """Return the seconds since the start."""
        return clock() - self.started

    def seconds_by_phase(self) -> dict[str, float]:
        """Return the seconds of each phase until now; what runs is not disturbed."""
        with self._lock:
            seconds = dict(self._seconds)
            running = clock() - self._since
            seconds[self.phase] = seconds.get(self.phase, 0.0) + running
        return seconds
