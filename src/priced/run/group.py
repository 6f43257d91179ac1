"""Several runs that count as one: the folds of a cross-validation, and seeds.

The group has a folder, an entry and scores, which are the means of its members'; each member is a
run of its own below it, and what the group cost is what they cost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

from priced.build import Place, Start
from priced.callback.meter import Meter
from priced.callback.observe import RunObserver
from priced.callback.stop import Stopped
from priced.check.redact import redact_config
from priced.check.terminal import quieten_libraries
from priced.compose.config import Config
from priced.price.pricelist import tariff_of
from priced.price.quote import Quote
from priced.price.usage import Usage
from priced.record.entries import read_entries
from priced.record.entry import Entry
from priced.record.runs import train_only_usd
from priced.run.budget import find_quote, hold_budget
from priced.run.describe import describe
from priced.run.life import Life
from priced.run.member import find_finished, go_on, list_members, share_budget
from priced.run.quote import make_quote
from priced.run.run import refusing, run
from priced.run.start import is_quote, plan, plan_group


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
    """Run a config, or every member of it that no earlier life of the group has finished.

    Args:
        config: What to run.
        place: Where it stands among other runs.
        observer: Who started it, and may end it.
        on_quote: Told what all of it will cost before it starts, if that is known.
        on_start: Told of the entry, once it is written that the run has begun.

    Returns:
        The entry of the run, or of the group, whose members' entries have its price.

    Raises:
        Refused: The config cannot run; nothing has been written.
        Stopped: It was asked to stop; its entry has been written.
    """
    quieten_libraries()
    place = place or Place()
    members = list_members(config)
    if len(members) == 1:
        return run(config, place, _observe_member(observer, 0, []), on_quote, on_start)
    if is_quote(config):
        return run(members[0][1], place, None, _times(on_quote, len(members)), on_start)
    done: list[Entry] = []
    meter = Meter.of_process(place.share)
    start, life = _begin(config, place, done, meter)
    with life:
        if on_start is not None:
            on_start(life.entry)
        if on_quote is not None and life.entry.quote is not None:
            on_quote(life.entry.quote)
        _run_members(start, done, observer, meter)
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
    meter = Meter.of_process()
    with refusing(meter):
        start = plan(members[0][1], Place())
        with meter.phase("quote"):
            made = make_quote(start, meter.stopwatch.seconds)
    meter.charge()
    return made.times(len(members))


def _begin(config: Config, place: Place, done: Sequence[Entry], meter: Meter) -> tuple[Start, Life]:
    """Quote a group, hold it against its budget, enter it as running; return where it starts.

    Args:
        config: What its members have in common.
        place: Where it stands among other runs.
        done: Its members' entries, once there are any.
        meter: Measures the quote, and then the first member.
    """
    with refusing(meter):
        start = plan_group(config, place)
        quote = _quote_members(start, meter)
        entry = replace(_describe(start), quote=quote)
        life = Life(start.config, entry, lambda entry: _add_up(entry, done), members=done)
        life.enter(None)
    return start, life


def _place_members(start: Start) -> list[Config]:
    """Return the configs of a group's members, each with its folder in the group's."""
    members = list_members(start.config)
    return [member.assign({"folder": str(start.folder / name)}) for name, member in members]


def _quote_members(start: Start, meter: Meter) -> Quote | None:
    """Return what the members that are not finished will take, if that is asked or known.

    Raises:
        ValueError: If that is above the group's budget.
    """
    lives = [(member, read_entries(member.run_folder)) for member in _place_members(start)]
    before = [life for _, own in lives for life in own]
    begun = [member for member, own in lives if own and find_finished(member) is None]
    anew = [member for member, own in lives if not own]
    # Those that nothing was done of are alike; of each other one its own rest is left.
    made = [find_quote(plan(go_on(member), Place()), meter) for member in [*begun, *anew[:1]]]
    known = [quote for quote in made if quote is not None]
    if anew and len(known) == len(made):
        known[-1] = known[-1].times(len(anew))
    quote = reduce(Quote.plus, known) if known and len(known) == len(made) else None
    hold_budget(start.config.budget, quote, meter, before)
    return quote


def _run_members(
    start: Start, done: list[Entry], observer: GroupObserver | None, meter: Meter
) -> None:
    """Run one member after the other; add each to those that are done."""
    members = _place_members(start)
    first: Meter | None = meter
    for number, member in enumerate(members):
        entry = find_finished(member)
        if entry is None:
            place = replace(start.place, parent=start.run)
            judge = _observe_member(observer, number, done)
            paid = [life for one in done for life in read_entries(Path(one.folder))]
            entry = run(share_budget(go_on(member), paid), place, judge, meter=first)
            first = None
        done.append(entry)
        score = entry.scores.get(start.config.target.metric)
        reason = observer and observer.on_member_end(number, score)
        if reason and number < len(members) - 1:
            raise reason


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
