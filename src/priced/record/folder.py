"""The folder of a run: logs/runs/<date>/<time>-<id>/."""

import json
import os
import secrets
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil

STATUS = "status"
RUNNING = "running"
RECEIPT = "receipt.json"
SCORES = "scores.json"
USAGE = "usage.json"
ENTRIES = "entries.json"
CURVE = "curve.jsonl"
DATA = "data.json"
CONFIG = "config.yaml"
RESOLVED = "resolved.yaml"
OVERRIDES = "overrides.yaml"
PREDICTIONS = "predictions.parquet"

NEWEST = "last"
"""What the newest run is called."""
ID_BYTES = 4


def new_id() -> str:
    """Return a short id that no other run has: eight hexadecimal digits, drawn by the system.

    The first one is a letter, so that no id reads as a number on a command line.
    """
    return secrets.choice("abcdef") + secrets.token_hex(ID_BYTES)[1:]


def new_folder(logs: Path, run: str, kind: str = "runs") -> Path:
    """Return where a run that starts now keeps its files; nothing is written."""
    now = datetime.now()
    return logs / kind / f"{now:%Y-%m-%d}" / f"{now:%H-%M-%S}-{run}"


def check_new(folder: Path) -> None:
    """Refuse to make a run in a folder that holds one.

    Raises:
        ValueError: If it does.
    """
    if (folder / RECEIPT).exists():
        raise ValueError(f"folder={folder} holds a run already: run={folder} goes on with it")


def is_worked_on(folder: Path) -> bool:
    """Say whether another process works on the run that a folder holds."""
    try:
        if (folder / STATUS).read_text(encoding="utf-8").strip() != RUNNING:
            return False
        life = read_json(folder / RECEIPT)["lives"][-1]
    except (OSError, ValueError, KeyError, IndexError):
        return False
    pid = life.get("pid")
    here = life.get("host") == socket.gethostname()
    return here and pid != os.getpid() and isinstance(pid, int) and psutil.pid_exists(pid)


def find_folder(run: str, logs: Path) -> Path:
    """Return the folder of a run.

    Args:
        run: A folder, `last` for the run that ended last, or an id.
        logs: Where runs are kept.

    Raises:
        ValueError: If there is no such run.
    """
    if Path(run).is_dir():
        if (Path(run) / CONFIG).is_file():
            return Path(run)
        raise ValueError(f"run must be a run's folder, got {run}, which holds no {CONFIG}")
    trials = [
        file
        for file in logs.glob(f"sweeps/**/{RECEIPT}")
        if not (file.parent.parent / RECEIPT).exists()  # a part of a trial
    ]
    receipts = [*logs.glob(f"runs/*/*/{RECEIPT}"), *trials]
    known = sorted(receipts, key=_find_end)
    if run == NEWEST:
        if not known:
            raise ValueError(f"run=last needs a run, found none in {logs / 'runs'}")
        if working := [file.parent for file in known if is_worked_on(file.parent)]:
            raise ValueError(
                f"run=last is open while {working[-1]} is worked on: name the run's id or folder"
            )
        return known[-1].parent
    matching = [file.parent for file in known if file.parent.name.endswith(f"-{run}")]
    # A trial's folder is called by its number: its receipt has the id.
    matching = matching or [file.parent for file in trials if read_json(file).get("run") == run]
    if not matching:
        raise ValueError(f"run must be a run's folder, its id or last, got {run}")
    return matching[-1]


def write_text(file: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, file)


def write_json(file: Path, value: Any) -> None:
    """Write plain data; what is no finite number becomes null, as JSON has none."""
    write_text(file, msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def read_json(file: Path) -> dict[str, Any]:
    """Return what `write_json` wrote.

    Raises:
        ValueError: If the file is missing or holds something else.
    """
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} must be readable: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{file} must hold an object, got {type(value).__name__}")
    return value


def _find_end(receipt: Path) -> int:
    """Return when a run was last worked on: its status is written when a life ends."""
    status = receipt.with_name(STATUS)
    return (status if status.exists() else receipt).stat().st_mtime_ns
