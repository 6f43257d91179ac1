"""Several runs that count as one: the folds of a cross-validation, and seeds.

The group has a folder, an entry and scores, which are the means of its members'; each member is a
run of its own below it, and what the group cost is what they cost.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

from omegaconf import OmegaConf

from priced.build import Place, Start
from priced.callback.meter import Meter
from priced.callback.observe import RunObserver
from priced.callback.stop import Stopped
from priced.check import Refused
from priced.check.config_digest import digest_config
from priced.check.redact import redact_config
from priced.check.schema import LIMITS
from priced.check.terminal import quieten_libraries
from priced.compose.config import Config
from priced.price.entry import Entry
from priced.price.pricelist import tariff_of
from priced.price.quote import Quote
from priced.price.runs import train_only_usd
from priced.price.usage import Usage
from priced.record.entries import read_entries
from priced.run.life import Life, describe
from priced.run.quote import make_quote
from priced.run.run import run
from priced.run.start import is_quote, plan, plan_group

_CUT_KEYS = ("seed", "seeds", "cv.fold", "cv.repeat")
"""What tells a member of a cross-validation from the others."""


class GroupObserver(Protocol):
    """Who started several runs that count as one, and may end them."""

    def order(self) -> Stopped | None:
        """Return a stop that is asked for from outside; called after every step."""
        ...

    def on_validation(self, member: int, epoch: int, score: float, usd: float) -> Stopped | None:
        """Return why to stop after a validation of a member, or None.

        Args:
            member: Which one, from 0.
            epoch: Of that member, from 1.
            score: The target's.
            usd: What training has cost so far, all members together, on the train-only clock.
        """
        ...

    def on_member_end(self, member: int, score: float | None) -> Stopped | None:
        """Return why the next member is not worth its price, given how this one ended, or None."""
        ...


@dataclass(frozen=True)
class _MemberObserver:
    """Tells an observer of the whole which member it looks at, and what the others cost."""

    observer: GroupObserver
    member: int
    usd: float

    def order(self) -> Stopped | None:
        return self.observer.order()

    def on_validation(self, epoch: int, score: float, usd: float) -> Stopped | None:
        return self.observer.on_validation(self.member, epoch, score, self.usd + usd)


def run_all(
    config: Config,
    place: Place | None = None,
    observer: GroupObserver | None = None,
    on_quote: Callable[[Quote], None] | None = None,
    on_start: Callable[[Entry], None] | None = None,
) -> Entry:
    """Run a config, or every member of it where it asks for seeds or folds.

    A member that an earlier life of the group has finished is not run again.

    Args:
        config: What to run.
        place: Where it stands among other runs.
        observer: Who started it, and may end it.
        on_quote: Told what all of it will cost before it starts, if that is known.
        on_start: Told of the entry, once it is written that the run has begun.

    Returns:
        The entry of the run, or of the group.

    Raises:
        Refused: The config cannot run; nothing has been written.
        Stopped: It was asked to stop; its entry has been written.
    """
    quieten_libraries()
    place = place or Place()
    members = list_members(config)
    if len(members) == 1:
        return run(config, place, _observe_member(observer, 0, []), on_quote, on_start)
    on_quote = _times(on_quote, len(members))
    if is_quote(config):
        return run(members[0][1], place, None, on_quote, on_start)
    try:
        start = plan_group(config, place)
        done: list[Entry] = []
        life = Life(start.config, _describe(start), lambda entry: _add_up(entry, done))
        life.enter(None)
    except ValueError as error:
        raise Refused(str(error)) from error
    with life:
        if on_start is not None:
            on_start(life.entry)
        _run_members(start, done, observer, on_quote)
    return life.entry


def quote_all(config: Config) -> Quote:
    """Return what a run of a config, or all its members together, will take; nothing is kept.

    Args:
        config: Its stages are quoted.

    Raises:
        Refused: If the config cannot run.
    """
    quieten_libraries()
    members = list_members(config)
    try:
        start = plan(members[0][1], Place())
        meter = Meter.of_process()
        with meter.phase("quote"):
            made = make_quote(start, meter.stopwatch.seconds)
        meter.charge()
    except ValueError as error:
        raise Refused(str(error)) from error
    return made.times(len(members))


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


def _run_members(
    start: Start,
    done: list[Entry],
    observer: GroupObserver | None,
    on_quote: Callable[[Quote], None] | None,
) -> None:
    """Run one member after the other; add each to those that are done."""
    members = list_members(start.config)
    for number, (name, member) in enumerate(members):
        member = member.assign({"folder": str(start.folder / name)})
        entry = _find_finished(member) or run(
            _share_budget(_go_on(member, is_first=not done), done),
            replace(start.place, parent=start.run),
            _observe_member(observer, number, done),
            on_quote if number == 0 else None,
        )
        done.append(entry)
        score = entry.scores.get(start.config.target.metric)
        reason = observer and observer.on_member_end(number, score)
        if reason and number < len(members) - 1:
            raise reason


def _find_finished(member: Config) -> Entry | None:
    """Return the entry of a member that an earlier life of the group has finished."""
    known = read_entries(Path(str(member.folder)))
    finished = bool(known) and known[-1].status == "done" and "fit" in member.stages
    if finished and known[-1].settings == digest_config(member.tree):
        return known[-1]
    return None


def _go_on(member: Config, is_first: bool) -> Config:
    """Return a member's config: a run that was begun is gone on with; all are quoted with one."""
    keys = ("seed", "seeds") if member.cv.fold is None else _CUT_KEYS
    words = [f"{key}={OmegaConf.select(member.tree, key)}" for key in keys]
    begun = bool(read_entries(Path(str(member.folder))))
    own: dict[str, Any] = {"run": member.folder if begun else None}
    if not is_first:
        own["stages"] = [stage for stage in member.stages if stage != "quote"]
    return member.assign(own, [*member.words, *words])


def _share_budget(member: Config, done: Sequence[Entry]) -> Config:
    """Leave a member of the group's budget what those before it did not spend."""
    spent = {
        "usd": sum(one.usd for one in done),
        "seconds": sum(one.seconds for one in done),
        "joules": sum(one.usage.joules for one in done),
    }
    limits = {limit: getattr(member.budget, limit) for limit in LIMITS}
    return member.assign(
        {
            f"budget.{limit}": max(most - spent[limit], math.ulp(0.0))
            for limit, most in limits.items()
            if most is not None
        }
    )


def _observe_member(
    observer: GroupObserver | None, member: int, done: Sequence[Entry]
) -> RunObserver | None:
    spent = sum(_train_usd(one) for one in done)
    return None if observer is None else _MemberObserver(observer, member, spent)


def _train_usd(entry: Entry) -> float:
    return train_only_usd(entry.usage, entry.tariff)


def _times(
    on_quote: Callable[[Quote], None] | None, members: int
) -> Callable[[Quote], None] | None:
    return None if on_quote is None else lambda quote: on_quote(quote.times(members))


def _means(done: Sequence[Entry]) -> dict[str, float | None]:
    """Return the mean of each score that all members have."""
    named = [set(one.scores) for one in done]
    shared = [key for key in (done[0].scores if done else {}) if all(key in own for own in named)]
    found: dict[str, float | None] = {}
    for key in shared:
        values = [value for one in done if (value := one.scores[key]) is not None]
        found[key] = fmean(values) if len(values) == len(done) else None
    return found


def _add_up(group: Entry, done: Sequence[Entry]) -> Entry:
    """Return a group with what its members came to; it used nothing but what they did."""
    if not done:
        return replace(group, usage=Usage())
    known = done[-1].usage
    usage = Usage(devices=known.devices, device_name=known.device_name, nodes=known.nodes)
    return replace(
        group,
        scores=_means(done),
        precision=done[-1].precision,
        data=done[-1].data,
        usage=usage,
    )


def _describe(start: Start) -> Entry:
    tariff: dict[str, Any] = redact_config(start.config.tree)["tariff"]
    own = {key: value for key, value in tariff.items() if key != "_target_"}
    return replace(describe(start, start.config), tariff=tariff_of(own))
