"""What a run used: measured, never priced."""

import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil

BYTES_PER_KIB = 1024


@dataclass
class Usage:
    """What one life of a run (one process, from its start to its end) used.

    Attributes:
        seconds: Wall seconds on the all-in clock, from the process's start: what a bill charges.
        fit_seconds: Wall seconds in training steps and in waiting for their data alone.
        seconds_by_phase: The all-in clock, split without gap or overlap.
        cpu_seconds: Processor seconds, user and system, of the process and its ended children.
        steps: Optimizer steps.
        samples: Training samples seen.
        devices: How many accelerators (or processors, for a run on the CPU) worked at once.
        device_name: What they are.
        nodes: How many machines.
        peak_memory_bytes: The most memory that the process held on the host.
        peak_device_memory_bytes: The most memory that torch held on one accelerator.
    """

    seconds: float = 0.0
    fit_seconds: float = 0.0
    seconds_by_phase: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    steps: int = 0
    samples: int = 0
    devices: int = 1
    device_name: str = ""
    nodes: int = 1
    peak_memory_bytes: int = 0
    peak_device_memory_bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self)


class Stopwatch:
    """Splits the time since the process started into phases: exactly one runs at any moment.

    The first stopwatch of a process starts with the process itself, so that imports are paid for;
    the next ones, of a sweep that runs its trials in one process, where the one before ended.

    Args:
        phase: The phase that runs first.
    """

    _free_since: float | None = None

    def __init__(self, phase: str) -> None:
        now = time.perf_counter()
        first = Stopwatch._free_since is None
        self._since = now - _age_seconds() if first else Stopwatch._free_since or now
        Stopwatch._free_since = now
        self._cpu_since = 0.0 if first else cpu_seconds()
        self.phase = phase
        self.seconds_by_phase: dict[str, float] = {}

    def enter(self, phase: str) -> str:
        """Charge the time since the last call to the phase that ran, and start another.

        Returns:
            The phase that ran.
        """
        now = time.perf_counter()
        old = self.phase
        self.seconds_by_phase[old] = self.seconds_by_phase.get(old, 0.0) + now - self._since
        self._since = now
        self.phase = phase
        return old

    def read(self) -> tuple[float, float]:
        """Return the wall and the processor seconds since the start."""
        self.enter(self.phase)
        Stopwatch._free_since = self._since
        return sum(self.seconds_by_phase.values()), cpu_seconds() - self._cpu_since


def cpu_seconds() -> float:
    """Return the processor seconds of this process and of its ended children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def peak_memory_bytes() -> int:
    """Return the most memory that this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * BYTES_PER_KIB


def _age_seconds() -> float:
    return max(0.0, time.time() - float(psutil.Process().create_time()))
