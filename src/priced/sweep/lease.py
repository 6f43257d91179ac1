"""Signs of life: which worker has a trial, and whether it still works on it.

A file for each trial, in the sweep's folder, written again every few seconds. On the same machine
a dead process is seen at once; of another machine's, silence counts.
"""

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from priced.record.folder import write_text

LEASES = "leases"
BEAT_SECONDS = 5.0
SILENT_SECONDS = 180.0
"""After which a worker on another machine is taken for dead: later than its run is."""

_CLOCK_SLIP_SECONDS = 5.0
"""When a process was born is reckoned from the clock, which may have been set since."""


@dataclass(frozen=True)
class Holder:
    """Who works on a trial.

    Attributes:
        host: The machine's name.
        namespace: The process numbers' own space there: a container has one of its own.
        pid: The process.
        born: When that process started, in seconds since 1970: numbers are given out again.
        life: How many workers have had the trial before.
    """

    host: str
    namespace: str
    pid: int
    born: float
    life: int

    @classmethod
    def own(cls, life: int) -> "Holder":
        """Return what says that this process works."""
        pid = os.getpid()
        return cls(socket.gethostname(), _namespace(), pid, psutil.Process(pid).create_time(), life)

    def is_here(self) -> bool:
        """Say whether it is of a process that can be seen from this one."""
        return (self.host, self.namespace) == (socket.gethostname(), _namespace())


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def lease_file(folder: Path, number: int) -> Path:
    """Return where the lease of a trial stands, in the folder of its sweep."""
    return folder / LEASES / f"{number}.json"


def write_lease(folder: Path, number: int, holder: Holder) -> None:
    """Write, or renew, a lease."""
    file = lease_file(folder, number)
    file.parent.mkdir(exist_ok=True)
    write_text(file, json.dumps(asdict(holder)))


def read_lease(folder: Path, number: int) -> Holder | None:
    """Return who had a trial last, or None if no worker ever did."""
    return _read(lease_file(folder, number))


def is_alive(folder: Path, number: int) -> bool:
    """Say whether the worker that has a trial still works on it."""
    holder = read_lease(folder, number)
    if holder is None:
        return False
    return (
        _lives(holder)
        if holder.is_here()
        else age_seconds(lease_file(folder, number)) < SILENT_SECONDS
    )


def _read(file: Path) -> Holder | None:
    try:
        return Holder(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _lives(holder: Holder) -> bool:
    """Say whether a process of this machine is still there."""
    try:
        process = psutil.Process(holder.pid)
        same = abs(process.create_time() - holder.born) < _CLOCK_SLIP_SECONDS
        return same and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def join_workers(folder: Path) -> Path:
    """Write that this process works for a sweep; return the file, to delete at the end."""
    file = folder / LEASES / f"worker-{socket.gethostname()}-{os.getpid()}.json"
    file.parent.mkdir(exist_ok=True)
    write_text(file, json.dumps(asdict(Holder.own(0))))
    return file


def count_workers_here(folder: Path) -> int:
    """Return how many living workers of a sweep share this machine; this one at least."""
    known = [_read(file) for file in (folder / LEASES).glob("worker-*.json")]
    return max(1, sum(one is not None and one.is_here() and _lives(one) for one in known))


def age_seconds(file: Path) -> float:
    """Return how long ago a file was written, by the clock of the machine that keeps the files."""
    probe = file.with_name(f".now-{os.getpid()}")
    try:
        probe.touch()
        return probe.stat().st_mtime - file.stat().st_mtime
    except OSError:
        return time.time() - file.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)
