"""The folder of a run: logs/runs/<date>/<time>-<id>/."""

import hashlib
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

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


def check_links(folder: Path) -> None:
    """Refuse to write into a folder that holds symbolic links: they may lead anywhere.

    Raises:
        ValueError: Naming the symbolic link.
    """
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if (Path(place) / name).is_symlink():
                raise ValueError(
                    f"{Path(place) / name} is a symbolic link, which is not written through: put "
                    "what it points to in its place"
                )


def digest_file(file: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_text(file: Path, text: str) -> None:
    """Write a small file whole or not at all; a symbolic link in its place is replaced."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(ID_BYTES)}")
    with open(temporary, "x", encoding="utf-8") as opened:  # never one that is there
        opened.write(text)
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
