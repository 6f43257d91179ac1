"""The runs that a group is made of."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from omegaconf import OmegaConf

from priced.check.config_digest import digest_config
from priced.check.schema import LIMITS
from priced.compose.config import Config
from priced.record.entries import read_entries
from priced.record.entry import Entry
from priced.record.runs import sum_by_limit

_CUT_KEYS = ("seed", "seeds", "cv.fold", "cv.repeat")
"""What tells a member of a cross-validation from the others."""


def list_members(config: Config) -> list[tuple[str, Config]]:
    """Return the runs that a config asks for, each with the name of its folder.

    Example:
        >>> from priced.compose import compose
        >>> config = compose("seed=3", "seeds=2", "cv.folds=2")
        >>> [name for name, _ in list_members(config)]
        ['seed-3-fold-0', 'seed-3-fold-1', 'seed-4-fold-0', 'seed-4-fold-1']
    """
    found = list(_iterate_members(config))
    return [("", config)] if len(found) == 1 else [(n, config.assign(own)) for n, own in found]


def _iterate_members(config: Config) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each member, and what tells it from the others."""
    cuts = config.cv.folds is not None and config.cv.fold is None
    folds = config.cv.folds if cuts and config.cv.folds is not None else 1
    for seed in range(config.seed, config.seed + config.seeds):
        for repeat in range(config.cv.repeats if cuts else 1):
            for fold in range(folds):
                words = [f"seed-{seed}"] * (config.seeds > 1)
                own: dict[str, Any] = {"seed": seed, "seeds": 1}
                if cuts:
                    own |= {"cv.fold": fold, "cv.repeat": repeat}
                    words += [f"repeat-{repeat}"] * (config.cv.repeats > 1) + [f"fold-{fold}"]
                yield "-".join(words), own


def find_finished(member: Config) -> Entry | None:
    """Return the entry of a member that an earlier life of the group has finished."""
    known = read_entries(member.run_folder)
    finished = bool(known) and known[-1].status == "done" and "fit" in member.stages
    if finished and known[-1].settings == digest_config(member.tree):
        return known[-1]
    return None


def go_on(member: Config) -> Config:
    """Return a member's config: a run that was begun is gone on with."""
    keys = ("seed", "seeds") if member.cv.fold is None else _CUT_KEYS
    words = [f"{key}={OmegaConf.select(member.tree, key)}" for key in keys]
    begun = bool(read_entries(member.run_folder))
    run = member.folder if begun else None
    return member.assign({"run": run}, [*member.words, *words])


def share_budget(member: Config, paid: Sequence[Entry]) -> Config:
    """Leave a member of the group's budget what the lives of those before it did not spend."""
    spent = sum_by_limit(paid)
    limits = {limit: getattr(member.budget, limit) for limit in LIMITS}
    return member.assign(
        {
            f"budget.{limit}": max(most - spent[limit], math.ulp(0.0))
            for limit, most in limits.items()
            if most is not None
        }
    )
