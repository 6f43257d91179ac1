"""Several runs that count as one: the folds of a cross-validation, and seeds.

The group has a folder, an entry and scores, which are the means of its members'; each member is a
run of its own below it, and what the group cost is what they cost.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Protocol

from omegaconf import DictConfig, OmegaConf

from priced.callback.observe import RunObserver
from priced.callback.stop import Stopped
from priced.check import Refused, check
from priced.check.config_digest import digest_config
from priced.check.redact import redact_config
from priced.check.schema import LIMITS
from priced.price.ledger import Entry
from priced.price.pricelist import tariff_of
from priced.price.quote import Quote
from priced.price.runs import train_only_usd
from priced.price.usage import Usage, usage_of
from priced.record.entries import read_entries
from priced.record.folder import check_new, find_folder, new_folder, new_id
from priced.record.receipt import run_of
from priced.run import run
from priced.run.life import describe_entry, enter, leave, now
from priced.run.place import Place
from priced.transfer import resolve_references


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
    cfg: DictConfig,
    overrides: Sequence[str] = (),
    on_quote: Callable[[Quote], None] | None = None,
    place: Place | None = None,
    observer: GroupObserver | None = None,
) -> Entry:
    """Run a config, or every member of it where it asks for seeds or folds.

    A member that an earlier life of the whole has finished is not run again.

    Args:
        cfg: A composed config.
        overrides: The words of the command line that made it, for the record.
        on_quote: Told what all of it will cost before it starts, if that is known.
        place: Where it stands among other runs.
        observer: Who started it, and may end it.

    Returns:
        The entry of the run, or of the whole.

    Raises:
        Refused: If the config cannot run.
        Stopped: If it was asked to stop; its entry has been written.
    """
    place = place or Place()
    check(cfg)
    members = list_members(cfg)
    if len(members) == 1:
        return run(cfg, overrides, on_quote, place, _observe_member(observer, 0, []))
    if list(cfg.stages) == ["quote"]:
        return run(members[0][1], overrides, _times(on_quote, len(members)), place)
    resolve_references(cfg)  # or a member would start from the whole
    old = find_folder(cfg.run, Path(cfg.logs)) if cfg.run else None
    run_id = run_of(old) if old else new_id()
    folder = old or Path(cfg.folder or new_folder(Path(cfg.logs), run_id))
    if old is None:
        check_new(folder)
    cfg.run, cfg.folder = None, str(folder)
    members = list_members(cfg)  # each is a run of its own, in its own folder
    whole = _open(cfg, run_id, list(overrides), place)
    done: list[Entry] = []
    status = "failed"
    try:
        for position, (name, member) in enumerate(members):
            entry = _run_member(
                *(member, folder / name, overrides, done),
                _times(on_quote, len(members)) if position == 0 else None,
                replace(place, parent=run_id),
                _observe_member(observer, position, done),
            )
            done.append(entry)
            reason = observer and observer.on_member_end(
                position, entry.scores.get(cfg.target.metric)
            )
            if reason and position < len(members) - 1:
                raise reason
        status = "done"
    except Stopped as stopped:
        status = stopped.status
        raise
    except KeyboardInterrupt:
        status = "stopped"
        raise
    finally:
        whole = leave(cfg, replace(_add_up(whole, done), status=status, updated_at=now()))
    return whole


def list_members(cfg: DictConfig) -> list[tuple[str, DictConfig]]:
    """Return the runs that a config asks for, each with the name of its folder.

    Example:
        >>> asked = {"seed": 3, "seeds": 2, "cv": {"folds": 2, "repeats": 1, "fold": None}}
        >>> [name for name, _ in list_members(OmegaConf.create(asked))]
        ['seed-3-fold-0', 'seed-3-fold-1', 'seed-4-fold-0', 'seed-4-fold-1']
    """
    return list(_iterate_members(cfg))


def _iterate_members(cfg: DictConfig) -> Iterator[tuple[str, DictConfig]]:
    cut = cfg.cv.folds is not None and cfg.cv.fold is None
    for seed in range(cfg.seed, cfg.seed + cfg.seeds):
        for repeat in range(cfg.cv.repeats if cut else 1):
            for fold in range(cfg.cv.folds if cut else 1):
                member = cfg.copy()
                member.seed, member.seeds = seed, 1
                words = [f"seed-{seed}"] * (cfg.seeds > 1)
                if cut:
                    member.cv.fold, member.cv.repeat = fold, repeat
                    words += [f"repeat-{repeat}"] * (cfg.cv.repeats > 1) + [f"fold-{fold}"]
                yield "-".join(words), member


def _run_member(
    member: DictConfig,
    folder: Path,
    overrides: Sequence[str],
    done: Sequence[Entry],
    on_quote: Callable[[Quote], None] | None,
    place: Place,
    observer: RunObserver | None,
) -> Entry:
    """Run a member, go on with it, or take what it came to before."""
    member.folder = str(folder)
    known = read_entries(folder)
    finished = bool(known) and known[-1].status == "done" and "fit" in member.stages
    if finished and known[-1].settings == digest_config(member):
        return known[-1]
    if known:
        member.run = str(folder)
    if done:  # all members were quoted with the first
        member.stages = [stage for stage in member.stages if stage != "quote"]
    _leave_of_budget(member, done)
    words = [*overrides, *(f"{key}={OmegaConf.select(member, key)}" for key in _own_keys(member))]
    return run(member, words, on_quote, place, observer)


def _own_keys(member: DictConfig) -> tuple[str, ...]:
    """Return the settings that tell a member from the others."""
    return (
        ("seed", "seeds") if member.cv.fold is None else ("seed", "seeds", "cv.fold", "cv.repeat")
    )


def _leave_of_budget(member: DictConfig, done: Sequence[Entry]) -> None:
    """Leave a member of the whole's budget what those before it did not spend."""
    spent = {
        "usd": sum(one.usd for one in done),
        "seconds": sum(one.seconds for one in done),
        "joules": sum(usage_of(one.usage).joules for one in done),
    }
    for limit in LIMITS:
        if member.budget[limit] is not None:
            member.budget[limit] = max(member.budget[limit] - spent[limit], math.ulp(0.0))


def _observe_member(
    observer: GroupObserver | None, member: int, done: Sequence[Entry]
) -> RunObserver | None:
    spent = sum(_train_usd(one) for one in done)
    return None if observer is None else _MemberObserver(observer, member, spent)


def _train_usd(entry: Entry) -> float:
    return train_only_usd(usage_of(entry.usage), tariff_of(entry.tariff))


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


def _add_up(whole: Entry, done: Sequence[Entry]) -> Entry:
    """Return a whole with what its members came to; it used nothing but what they did."""
    if not done:
        return whole
    known = usage_of(done[-1].usage)
    usage = Usage(devices=known.devices, device_name=known.device_name, nodes=known.nodes)
    precision = done[-1].precision
    return replace(
        whole,
        scores=_means(done),
        precision=precision,
        data=done[-1].data,
        usage=usage.as_dict(),
    )


def _open(cfg: DictConfig, run_id: str, overrides: list[str], place: Place) -> Entry:
    entry = describe_entry(cfg, run_id, overrides, digest_config(cfg), place)
    tariff = {
        key: value for key, value in redact_config(cfg)["tariff"].items() if key != "_target_"
    }
    entry = replace(entry, tariff=tariff, usage=Usage().as_dict(), updated_at=now())
    try:
        return enter(cfg, entry, None)
    except ValueError as error:
        raise Refused(str(error)) from error
