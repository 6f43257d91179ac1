"""How a sweep is begun, joined or gone on with, all from its folder."""

from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock
from optuna.storages import BaseStorage

from priced.compose import Request
from priced.compose.option import Options
from priced.record.folder import new_id, read_json
from priced.sweep.composition import frozen_options
from priced.sweep.plan import Plan
from priced.sweep.setting import check_name, new_name
from priced.sweep.space import read_space
from priced.sweep.storage import open_storage
from priced.sweep.words import SWEEP, read_words


def plan_of(folder: Path, home: Path, words: Sequence[str]) -> Plan:
    """Return the plan of a sweep that has begun, as a worker finds it.

    Args:
        folder: The sweep's, absolute.
        home: Where its commands are run.
        words: The words that it goes by.

    Raises:
        ValueError: If the folder holds no sweep.
    """
    kept = read_json(folder / SWEEP)
    return Plan(kept["id"], folder, home, kept["primary"], tuple(words), frozen_options(folder))


def plan_sweep(request: Request) -> Plan:
    """Return the plan that a command asks for, checked; nothing is written.

    Args:
        request: What it asks for.

    Raises:
        HydraException: If its words do not compose.
        ValueError: If the sweep cannot run.
    """
    primary, options = request.primary, request.options
    tree = options.compose(primary, (*read_space(request.words, {}).fixed, *request.hydra))
    if tree.get("sweep") is None:
        raise ValueError("a sweep makes new runs: it takes no run= to go on with")
    brought = tree.hydra.sweeper.get("params") or {}  # of an experiment that is a sweep
    words = (*(f"{key}={value}" for key, value in brought.items()), *request.words)
    name = check_name(str(tree.sweep.name or new_name()))
    folder = (Path(tree.logs) / "sweeps" / name).absolute()
    if (folder / SWEEP).exists():
        _, own = read_words(folder, words)
        plan = plan_of(folder, Path.cwd(), own)
    else:
        absolute = Options(options.main, tuple(one.absolute() for one in options.own))
        plan = Plan(f"{name}@{new_id()}", folder, Path.cwd(), primary, words, absolute)
        if tree.sweep.name and not (plan.space.dimensions or plan.settings.sampler):
            raise ValueError(
                f"sweep.name={name}: there is no such sweep to go on with, and no word lists "
                "values for a new one, such as optimizer.lr=0.1,0.01"
            )
    plan.check()
    return plan


def begin(plan: Plan) -> Plan:
    """Return the plan as its workers have it: kept in its folder, with its own copy of the options.

    Two commands that name the same new sweep at once begin it once; the other one joins.

    Raises:
        ValueError: If the folder cannot be written, or the other one began another sweep.
    """
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(plan.folder / "begin.lock"):
            if not (plan.folder / SWEEP).exists():
                plan.write()
            _, words = read_words(plan.folder, plan.words)
            begun = plan_of(plan.folder, plan.home, words)
            begun.keep_words()
    except OSError as error:
        raise ValueError(f"{plan.folder} cannot be written: {error.strerror}") from error
    return begun


def storage_of(folder: Path) -> BaseStorage:
    """Return the storage of a sweep that has begun, for reading.

    Raises:
        ValueError: If the folder holds no sweep, or its address was given with a secret.
    """
    folder = folder.absolute()
    _, words = read_words(folder, ())
    return open_storage(plan_of(folder, Path.cwd(), words).settings.storage, folder)
