"""A run's own copy of its entries in the ledger, from which a lost ledger is rebuilt."""

from pathlib import Path

from priced.record.entry import Entry, plain_entry, read_entry
from priced.record.folder import ENTRIES, read_json, write_json


def read_entries(folder: Path) -> list[Entry]:
    """Return the lives of the run that a folder holds, oldest first; none for a new one.

    Raises:
        ValueError: If the file is damaged.
    """
    file = folder / ENTRIES
    if not file.exists():
        return []
    try:
        return [read_entry(life) for life in read_json(file)["lives"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} must hold entries of a ledger: {error}") from error


def write_entry(folder: Path, entry: Entry) -> None:
    """Keep a life in its run's folder, in place of what was said of it before."""
    others = [life for life in read_entries(folder) if life.life != entry.life]
    lives = sorted([*others, entry], key=lambda life: life.life)
    write_json(folder / ENTRIES, {"lives": [plain_entry(life) for life in lives]})


def all_entries(logs: Path) -> tuple[list[Entry], list[str]]:
    """Return every life that the folders below `logs` tell of, and what is wrong with the rest."""
    found: list[Entry] = []
    wrong: list[str] = []
    for file in sorted(logs.rglob(ENTRIES)):
        try:
            found += read_entries(file.parent)
        except ValueError as error:
            wrong.append(str(error))
    return found, wrong
