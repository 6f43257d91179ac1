"""What a run that is gone on with may be asked to do otherwise than before."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from priced.build.data import FILLED
from priced.check.leaves import leaves
from priced.check.redact import redact_config
from priced.check.schema import HYDRA, Target, list_knobs
from priced.check.source import find_literal
from priced.compose.config import Config
from priced.record.folder import RESOLVED

DATA_PLACES = ("data._target_", "data.path", "data.root", "data.hub", "data.pattern")
"""What names data: other words of the section say how to read it."""
_FREE_ROOTS = {*list_knobs("free"), HYDRA, "technique"}
_FREE = (
    *(f"target.{name}" for name in list_knobs("free", sections=(Target,))),
    *("callback.progress", "callback.progress.*"),
    *("callback.learning_rate", "callback.learning_rate.*", "callback.checkpoint.folder"),
    *(*DATA_PLACES, "data.cache", "data.num_workers", "data.in_memory", "data.decode_once"),
    *("trainer.log_every_n_steps", "trainer.max_time", "trainer.profiler", "trainer.enable_*"),
)
"""What tells two runs not apart: places, limits, what is watched."""
_LENGTH = ("max_epochs", "trainer.max_epochs", "trainer.max_steps")
"""How long a run lasts: it may be made longer, unless its learning rate was planned for that."""
_APPLIES = (
    *("optimizer.*", "data.batch_size", "data.augment", "data.augment.*", "target.*"),
    *("trainer.*", "callback", "callback.*", "precision"),
)
"""What can be had otherwise from here on, if it is asked for."""
_PLANNED_BY = (
    *(*_LENGTH, "optimizer.lr", "optimizer.momentum", "optimizer.betas", "data.batch_size"),
    *("trainer.accumulate_grad_batches", "trainer.limit_train_batches", "trainer.devices"),
    *("trainer.num_nodes",),
)
"""What a schedule of all steps was made from."""
_COUNTED = ("data.batch_size", "trainer.accumulate_grad_batches", "trainer.devices")
"""What the place within an epoch is counted in."""
_FILLED_IN = tuple(f"data.{key}" for key in FILLED)

Changes = dict[str, tuple[Any, Any]]


def find_changes(config: Config, old: Path, pending: frozenset[str]) -> Changes:
    """Return what a config says otherwise than the run in a folder was made with, by dotted key.

    Args:
        config: The run's.
        old: The run's folder.
        pending: Keys whose value is known once the data is read.

    Returns:
        What was and what is, of each key that differs and tells runs apart.
    """
    before = _flat(OmegaConf.to_container(OmegaConf.load(old / RESOLVED), resolve=False))
    now = _flat(redact_config(config.tree))
    known = {key.partition(".")[0] for key in before}
    return {
        key: (before.get(key), now.get(key))
        for key in {**before, **now}
        if before.get(key) != now.get(key)
        and key.partition(".")[0] in known  # else a knob that is newer than the run
        and key not in pending
        and not (key in _FILLED_IN and now.get(key) is None)
        and key.partition(".")[0] not in _FREE_ROOTS
        and not _is_any(key, _FREE)
    }


def check_changes(config: Config, changes: Changes, within_epoch: bool) -> dict[str, Any]:
    """Refuse what a run cannot take up in its middle, or what nobody said that it should.

    Args:
        config: The run's.
        changes: What `find_changes` found.
        within_epoch: Whether the run stopped in the middle of an epoch.

    Returns:
        The settings of the optimizer to take over from what the checkpoint has.

    Raises:
        ValueError: Naming the difference and the way out.
    """
    planned = find_literal(str(config.schedule.get("_target_")), "PLANNED") is True
    # First what cannot be had, then what others follow from: a callback's metric is the target's.
    ordered = sorted(changes, key=lambda key: (_is_open(key), not key.startswith("target.")))
    for key in ordered:
        if reason := _find_obstacle(config, key, planned, within_epoch):
            before, now = changes[key]
            raise ValueError(f"{key} was {_spelt(before)} and is {_spelt(now)}: {reason}")
    own = "optimizer."
    return {key.removeprefix(own): now for key, (_, now) in changes.items() if key.startswith(own)}


def _find_obstacle(config: Config, key: str, planned: bool, within_epoch: bool) -> str:
    """Return why a run cannot go on with another value of a key, and the way out; or nothing."""
    anew = _start_anew(config)
    if not _is_open(key):
        return f"a run keeps that to its end; {anew}"
    if planned and key in _PLANNED_BY:
        return f"the schedule planned the learning rate of every step from it; {anew}"
    if key in _LENGTH:
        return ""
    if within_epoch and key in _COUNTED:
        return f"the run stopped within an epoch, whose batches are counted; {anew}"
    if config.on_change == "refuse":
        return f"on_change=apply goes on so, or {anew}, or say what the run was made with again"
    return ""


def names_data(config: Config, old: Path) -> bool:
    """Say whether a user named data for a run that exists: by a word, or by another place."""
    words = {word.partition("=")[0].lstrip("+~") for word in config.words}
    if words & {"data", *DATA_PLACES}:
        return True
    kept = OmegaConf.load(old / RESOLVED)
    return any(
        OmegaConf.select(kept, key) != OmegaConf.select(config.tree, key) for key in DATA_PLACES
    )


def _is_open(key: str) -> bool:
    """Say whether a run may be gone on with under another value of a key."""
    return key in _LENGTH or (_is_any(key, _APPLIES) and key != "optimizer._target_")


def _flat(plain: Any) -> dict[str, Any]:
    return leaves(plain) if isinstance(plain, Mapping) else {}


def _is_any(key: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


def _spelt(value: Any) -> str:
    return "not there" if value is None else str(value)


def _start_anew(config: Config) -> str:
    return f"start a run of its own from its weights: model.pretrained={config.run}"
