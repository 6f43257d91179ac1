"""What a process has used, and what it has been charged for."""

import os
import sys
import time

import psutil

from priced.price.usage import clock

try:
    import resource
except ImportError:  # Windows has none: psutil says there what it can
    resource = None  # type: ignore[assignment]

BYTES_PER_KIB = 1024
_START_TICKS = 19
"""Where /proc/self/stat, read behind the name, says when the process started (proc(5))."""


class Process:
    """What this process has been charged for already: several runs may follow each other in it.

    The first run of a process starts with the process itself, so that imports are paid for. The
    next ones pay for what the process did since the one before ended, and not for its idling. What
    a program calls pays from the call on.
    """

    _charged_until: float | None = None
    _charged_cpu_seconds: float = 0.0
    _is_idle = False
    busy_share = 1.0
    """Of the time since the run before ended: how much of it the process was at work."""

    @classmethod
    def start(cls) -> tuple[float, float]:
        """Return since when, and from which processor second on, a run that starts now pays."""
        if cls._charged_until is None:
            cls._charged_until = clock() - age_seconds()
        elif cls._is_idle:
            gap, busy = clock() - cls._charged_until, cpu_seconds() - cls._charged_cpu_seconds
            cls.busy_share = min(busy / gap, 1.0) if gap > 0 else 1.0
            cls._charged_until += gap * (1 - cls.busy_share)
            cls._is_idle = False
        return cls._charged_until, cls._charged_cpu_seconds

    @classmethod
    def begin(cls) -> None:
        """Let the next run pay from now on: what the process did until now is nobody's."""
        cls._charged_until = clock()
        cls._charged_cpu_seconds = cpu_seconds()
        cls._is_idle = False
        cls.busy_share = 1.0

    @classmethod
    def charge(cls) -> None:
        """Charge all until now to the run that ends."""
        cls._charged_until = clock()
        cls._charged_cpu_seconds = cpu_seconds()
        cls._is_idle = True


def cpu_seconds() -> float:
    """Return the processor seconds of this process and its children, ended ones too.

    Children are the processes that read data ahead, and the other ranks on this machine.
    """
    if resource is None:
        times = psutil.Process().cpu_times()
        return float(times.user + times.system) + sum(map(_cpu_seconds, _children()))
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    known = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    return known + sum(map(_cpu_seconds, _children()))


def peak_memory_bytes() -> int:
    """Return the most memory that this process ever held, and each child that lives, in sum."""
    if resource is None:
        return int(psutil.Process().memory_info().peak_wset)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    own = peak if sys.platform == "darwin" else peak * BYTES_PER_KIB
    return own + sum(_peak_bytes(child) for child in _children())


def _children() -> list[psutil.Process]:
    try:
        return list(psutil.Process().children(recursive=True))
    except psutil.Error:
        return []


def _cpu_seconds(child: psutil.Process) -> float:
    try:
        used = child.cpu_times()
        ended = getattr(used, "children_user", 0.0) + getattr(used, "children_system", 0.0)
        return float(used.user + used.system + ended)
    except psutil.Error:  # it ended in the meantime
        return 0.0


def _peak_bytes(child: psutil.Process) -> int:
    try:
        with open(f"/proc/{child.pid}/status", encoding="utf-8") as lines:
            peak = next(line for line in lines if line.startswith("VmHWM"))
        return int(peak.split()[1]) * BYTES_PER_KIB
    except (OSError, StopIteration):  # it ended in the meantime, or this is no Linux
        return 0


def age_seconds() -> float:
    """Return how long ago this process started."""
    if sys.platform != "linux":
        return max(0.0, time.time() - float(psutil.Process().create_time()))
    # psutil reckons from the second that the machine started in: up to a second too early.
    with open("/proc/self/stat", encoding="utf-8") as file:
        ticks = int(file.read().rpartition(")")[2].split()[_START_TICKS])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
