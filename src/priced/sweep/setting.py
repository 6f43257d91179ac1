"""The settings of a sweep, and what they may be."""

import re
from datetime import datetime

from priced.check.schema import Sweep
from priced.compose.config import Config
from priced.record.folder import new_id

OBJECTIVES = (["score"], ["score", "usd"])
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*){0,3}")
_LONGEST_NAME = 100


def check_settings(config: Config, sweep: Sweep) -> None:
    """Hold the settings of a sweep against their ranges and against each other.

    Raises:
        ValueError: If one is out of range, or two cannot go together.
    """
    for key in ("n_trials", "n_jobs", "points"):
        asked = getattr(sweep, key)
        if asked is not None and asked < 1:
            raise ValueError(f"sweep.{key} must be 1 or more, got {asked}")
    for key in ("budget_usd", "budget_seconds"):
        asked = getattr(sweep, key)
        if asked is not None and not asked > 0:
            raise ValueError(f"sweep.{key} must be above zero, got {asked}")
    if not 0 <= sweep.max_failure_rate <= 1:
        raise ValueError(f"sweep.max_failure_rate must be in 0..1, got {sweep.max_failure_rate}")
    if list(sweep.objectives) not in OBJECTIVES:
        known = " or ".join(f"[{','.join(one)}]" for one in OBJECTIVES)
        raise ValueError(f"sweep.objectives must be {known}, got {sweep.objectives}")
    endless = sweep.n_trials is None and sweep.budget_usd is None and sweep.budget_seconds is None
    if sweep.sampler is not None and endless:
        raise ValueError("a search needs an end: sweep.n_trials, sweep.budget_usd or _seconds")
    _check_pruner(config, sweep)


def _check_pruner(config: Config, sweep: Sweep) -> None:
    kind = str((config.pruner or {}).get("_target_")).rpartition(".")[2]
    several = config.seeds > 1 or (config.cv.folds is not None and config.cv.fold is None)
    if kind == "WilcoxonPruner" and not several:
        raise ValueError("pruner=wilcoxon compares folds or seeds: add cv.folds=5 or seeds=5")
    if kind == "Dominance" and list(sweep.objectives) != ["score", "usd"]:
        raise ValueError("pruner=dominance needs sweep.objectives=[score,usd]: sweep=pareto")
    if kind not in ("NopPruner", "Dominance") and len(sweep.objectives) > 1:
        raise ValueError("with several objectives take pruner=dominance or pruner=none")


def new_name() -> str:
    """Return a name that no other sweep has: the moment, and an id."""
    return f"{datetime.now():%Y-%m-%d/%H-%M-%S}-{new_id()}"


def check_name(name: object) -> str:
    """Return a name if it can be that of a folder below logs/sweeps.

    Raises:
        ValueError: If it cannot.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ValueError(
            "sweep.name must be letters, digits, dots and dashes, at most "
            f"{_LONGEST_NAME} of them, got {str(name)[:_LONGEST_NAME]!r}"
        )
    return name
