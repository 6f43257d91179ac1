"""Which folder a run is in, by what a person calls it."""

from pathlib import Path

from priced.record.entries import read_entries
from priced.record.folder import CONFIG, RECEIPT, RUNNING, STATUS, read_json
from priced.record.receipt import alive

NEWEST = "last"
"""What the newest run is called."""


def find_folder(run: str, logs: Path) -> Path:
    """Return the folder of a run.

    Args:
        run: A folder, `last` for the run that ended last, or an id.
        logs: Where runs are kept.

    Raises:
        ValueError: If there is no such run.
    """
    if run and Path(run).is_dir():
        return _check_folder(Path(run))
    trials = [
        file
        for file in logs.glob(f"sweeps/**/{RECEIPT}")
        if not (file.parent.parent / RECEIPT).exists()  # a part of a trial
    ]
    receipts = [*logs.glob(f"runs/*/*/{RECEIPT}"), *trials]
    known = sorted(receipts, key=_find_end)
    if run == NEWEST:
        return _find_last([file.parent for file in known], logs)
    matching = [file.parent for file in known if run and file.parent.name.endswith(f"-{run}")]
    # A trial's folder is called by its number: its receipt has the id.
    matching = matching or [file.parent for file in trials if read_json(file).get("run") == run]
    if not matching:
        raise ValueError(f"run must be a run's folder, its id or last, got {run or 'nothing'}")
    return matching[-1]


def list_members(folder: Path) -> list[Path]:
    """Return the folders of the runs that a group, or a sweep, is made of."""
    return sorted(file.parent for file in folder.glob(f"*/{RECEIPT}"))


def _check_folder(folder: Path) -> Path:
    if (folder / CONFIG).is_file():
        return folder
    message = f"run must be a run's folder, got {folder}, which holds no {CONFIG}"
    if trials := list_members(folder):
        message += f": name one of its {len(trials)} trials, such as {trials[0]}"
    raise ValueError(message)


def _find_last(folders: list[Path], logs: Path) -> Path:
    if not folders:
        raise ValueError(f"run=last needs a run, found none in {logs / 'runs'}")
    if working := [folder for folder in folders if _is_worked_on(folder)]:
        raise ValueError(
            f"run=last is open while {working[-1]} is worked on: name the run's id or folder"
        )
    return folders[-1]


def _is_worked_on(folder: Path) -> bool:
    """Say whether another process works on the run that a folder holds."""
    try:
        if (folder / STATUS).read_text(encoding="utf-8").strip() != RUNNING:
            return False
        lives = read_entries(folder)
        return bool(lives) and bool(alive(lives[-1], folder))
    except (OSError, ValueError, KeyError):  # a folder that is damaged is not the last one's
        return False


def _find_end(receipt: Path) -> int:
    """Return when a run was last worked on: its status is written when a life ends."""
    status = receipt.with_name(STATUS)
    return (status if status.exists() else receipt).stat().st_mtime_ns
