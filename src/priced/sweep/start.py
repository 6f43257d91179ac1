"""How a sweep is begun, joined or gone on with, all from its folder."""

from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock
from omegaconf import DictConfig
from optuna.storages import BaseStorage

from priced.record.folder import new_id, read_json
from priced.sweep.option import Options, frozen_options
from priced.sweep.plan import SWEEP, Plan, read_words
from priced.sweep.setting import check_name, new_name
from priced.sweep.storage import open_storage


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


def plan_sweep(
    config: DictConfig, search_path: Sequence[tuple[str, str]], words: Sequence[str]
) -> Plan:
    """Return the plan that a command asks for, checked; nothing is written.

    Args:
        config: Hydra's, with the words applied that are not swept.
        search_path: (provider, path) of each source of options.
        words: The command's.

    Raises:
        ValueError: If the sweep cannot run.
    """
    if config.get("sweep") is None:
        raise ValueError("a sweep makes new runs: it takes no run= to go on with")
    name = check_name(str(config.sweep.name or new_name()))
    folder = (Path(config.logs) / "sweeps" / name).absolute()
    if (folder / SWEEP).exists():
        _, own = read_words(folder, words)
        plan = plan_of(folder, Path.cwd(), own)
    else:
        options = _options(search_path)
        primary = config.hydra.job.config_name
        plan = Plan(f"{name}@{new_id()}", folder, Path.cwd(), primary, tuple(words), options)
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


def _options(search_path: Sequence[tuple[str, str]]) -> Options:
    found = [(provider, path.removeprefix("file://")) for provider, path in search_path]
    main = next(Path(path) for provider, path in found if provider == "main")
    own = tuple(
        Path(path).absolute()
        for provider, path in found
        if provider not in ("hydra", "main", "schema") and "://" not in path
    )
    return Options(main, own)


def storage_of(folder: Path) -> BaseStorage:
    """Return the storage of a sweep that has begun, for reading.

    Raises:
        ValueError: If the folder holds no sweep, or its address was given with a secret.
    """
    folder = folder.absolute()
    _, words = read_words(folder, ())
    return open_storage(plan_of(folder, Path.cwd(), words).base.sweep.storage, folder)
