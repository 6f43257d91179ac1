"""What made a run: enough to believe its figures, and to make it again."""

import os
import platform
import socket
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from priced.record.entry import Entry
from priced.record.folder import RECEIPT, read_json, write_json
from priced.record.runs import is_silent

PACKAGES = (
    "priced",
    "torch",
    "lightning",
    "torchmetrics",
    "hydra-core",
    "omegaconf",
    "optuna",
    "tensorboard",
    "numpy",
)
_HARMLESS = ("-c", "core.fsmonitor=", "-c", f"core.hooksPath={os.devnull}")
"""What keeps git from running what a folder's own config names."""


def write_receipt(folder: Path, entry: Entry) -> None:
    """Add a life to a run's receipt."""
    file = folder / RECEIPT
    lives = read_json(file)["lives"] if file.exists() else []
    life = {
        "started_at": entry.started_at,
        "stages": entry.stages,
        "overrides": entry.overrides,
        "seed": entry.seed,
        "precision": entry.precision,
        "device": entry.usage.device_name,
        "devices": entry.usage.devices,
        "host": entry.host,
        "pid": os.getpid(),
        "commit": _git("rev-parse", "HEAD"),
        "dirty": _is_dirty(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := find_version(name))},
    }
    write_json(file, {"run": entry.run, "lives": [*lives, life]})


def alive(life: Entry, folder: Path) -> str:
    """Return who works on a life that says it runs, for a person; nothing if nobody does.

    On this machine the process is looked for; of another machine's, the sign of life counts.
    """
    receipts = read_json(folder / RECEIPT)["lives"]
    pid = receipts[life.life].get("pid") if life.life < len(receipts) else None
    if life.host == socket.gethostname():
        return f"process {pid}" if pid is not None and _works(pid, life) else ""
    return "" if is_silent(life) else f"a process on {life.host}"


def _works(pid: int, life: Entry) -> bool:
    """Say whether the process that began a life is still at it: numbers are given out again."""
    try:
        process = psutil.Process(pid)
        began = datetime.fromisoformat(life.updated_at or life.started_at)
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        older = process.create_time() <= began.timestamp()
        return pid != os.getpid() and older and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def lives_of(folder: Path) -> int:
    """Return how many processes have worked on the run that a folder holds; 0 for a new one."""
    file = folder / RECEIPT
    return len(read_json(file)["lives"]) if file.exists() else 0


def run_of(folder: Path) -> str:
    """Return the id of the run that a folder holds.

    Raises:
        ValueError: If its receipt is missing or damaged.
    """
    found = read_json(folder / RECEIPT).get("run")
    if not isinstance(found, str):
        raise ValueError(f"{folder / RECEIPT} must name its run")
    return found


def find_version(package: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _is_dirty() -> bool | None:
    """Say whether files differ from the commit; None where only a command of the folder could."""
    if _git("config", "--local", "--includes", "--get-regexp", r"^filter\."):
        return None  # a folder from elsewhere may name any command as its filter
    return bool(_git("status", "--porcelain"))


def _git(*words: str) -> str | None:
    """Ask git about the folder that the run was started in; its config there runs no command."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        answer = subprocess.run(
            ["git", *_HARMLESS, *words],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            env=own | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
