"""The price cut: which technique took how much off the price of the same quality level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from statistics import fmean

from priced.price.claim import interval
from priced.price.design import share_effects
from priced.price.ladder import Crossing
from priced.record.entry import Entry
from priced.record.runs import Run, train_only_usd

BASELINE = "baseline"


@dataclass(frozen=True)
class Step:
    """One column of a waterfall: the runs of one setting, over seeds.

    Attributes:
        runs: The runs.
        name: What to call it.
        usd: The mean train-only price of the rung, compiling apart: imports and start-up are paid
            once, by whichever run comes first in a process, and are nobody's technique. None if
            one of them never reached it.
        compile_usd: The mean price of compiling until then.
        change_usd: The mean of `usd` less that of the one before it that reached the rung, seed by
            seed; None for the first.
        low, high: Its 95 % interval; NaN for one seed.
        seconds: Mean train-only wall seconds of a whole run.
        cpu_seconds: Mean processor seconds of a whole run.
        score: The mean main score that the runs ended with.
    """

    runs: tuple[Run, ...]
    name: str
    usd: float | None
    compile_usd: float
    change_usd: float | None
    low: float
    high: float
    seconds: float
    cpu_seconds: float
    score: float | None

    @property
    def run(self) -> Run:
        """Return the first of its runs."""
        return self.runs[0]


@dataclass(frozen=True)
class Share:
    """What one technique did, whatever the order.

    Attributes:
        name: The technique; `interaction` for what a fractional design leaves to no single one.
        usd: Its part of the change of the mean price of the rung, compiling apart.
        low, high: The 95 % interval over the seeds; NaN for one.
    """

    name: str
    usd: float
    low: float
    high: float


def compute_waterfall(
    runs: Sequence[Run], rung: float | None = None
) -> tuple[float, list[Step]] | None:
    """Return a rung and what it cost at each setting, in the order given; seeds are put together.

    Args:
        runs: Runs that climb by the same metric.
        rung: The quality level; None: the hardest that all of them reached, else that any did.

    Returns:
        The rung and the steps; None if no run crossed one.

    Raises:
        ValueError: If the runs go by different metrics.
    """
    rung = _common_rung(runs, rung)
    if rung is None:
        return None
    groups = _by_setting(runs)
    steps: list[Step] = []
    last: dict[int, float] | None = None
    for members, name in zip(groups.values(), _names(groups), strict=True):
        own = list({run.first.seed: run for run in members}.values())
        prices = {run.first.seed: rung_usd(run, rung) for run in own}
        known = {seed: usd for seed, usd in prices.items() if usd is not None}
        reached = len(known) == len(prices)
        changes = [known[seed] - last[seed] for seed in known if last and seed in last]
        steps.append(_step(own, name, known if reached else {}, changes, rung))
        last = known if reached else last
    return rung, steps


def compute_shares(
    runs: Sequence[Run], rung: float | None = None
) -> tuple[float, list[Share]] | None:
    """Return each technique's share of what all of them cut, if the sets that were run tell.

    Args:
        runs: Of a full or a fractional factorial design.
        rung: The quality level; None: the hardest that all of them reached.

    Returns:
        The rung and the shares, which sum to the whole cut; None if a set of them is missing or
        never got there.
    """
    rung = _common_rung(runs, rung)
    if rung is None:
        return None
    prices: dict[int, dict[frozenset[str], float]] = {}
    for run in runs:
        usd = rung_usd(run, rung)
        if usd is None:
            return None
        some = frozenset(techniques_of(run.first)) - {BASELINE}
        prices.setdefault(run.first.seed, {})[some] = usd
    if len({frozenset(own) for own in prices.values()}) != 1:
        return None
    by_seed = [found for own in prices.values() if (found := share_effects(own)) is not None]
    if not by_seed:
        return None
    found_by_name = {name: [one[name] for one in by_seed] for name in by_seed[0]}
    return rung, [Share(name, fmean(own), *interval(own)) for name, own in found_by_name.items()]


def rung_usd(run: Run, rung: float) -> float | None:
    """Return the train-only price of a rung, compiling apart; None if it was never reached."""
    crossing = _crossing(run, rung)
    return None if crossing is None else _usd(run, crossing) - _compile_usd(run, crossing)


def main_score(run: Run) -> float | None:
    """Return the score that a run is judged by: its target's, on the test part if it has that."""
    return run.scores.get(main_metric(run))


def main_metric(run: Run) -> str:
    """Return the name of the score that a run is judged by."""
    metric = run.last.target.metric
    tested = f"test/{metric.rpartition('/')[2]}"
    return tested if tested in run.scores else metric


def name_run(entry: Entry) -> str:
    """Return what to call a run: the technique that it turned on, its experiment or its model."""
    techniques = techniques_of(entry)
    return techniques[-1] if techniques else entry.experiment or entry.model or entry.run


def techniques_of(entry: Entry) -> list[str]:
    """Return the techniques that a run was made with, as its words name them."""
    words = dict(word.partition("=")[::2] for word in entry.overrides)
    named = words.get("technique", "").strip("[]").split(",")
    return [one.strip() for one in named if one.strip()]


def _step(
    runs: Sequence[Run], name: str, prices: dict[int, float], changes: list[float], rung: float
) -> Step:
    scores = [score for run in runs if (score := main_score(run)) is not None]
    crossed = [(run, crossing) for run in runs if (crossing := _crossing(run, rung)) is not None]
    low, high = interval(changes) if changes else (nan, nan)
    return Step(
        runs=tuple(runs),
        name=name,
        usd=fmean(prices.values()) if prices else None,
        compile_usd=fmean(_compile_usd(*one) for one in crossed) if crossed else 0.0,
        change_usd=fmean(changes) if changes and prices else None,
        low=low,
        high=high,
        seconds=fmean(run.usage.fit_seconds for run in runs),
        cpu_seconds=fmean(run.usage.cpu_seconds for run in runs),
        score=fmean(scores) if scores else None,
    )


def _by_setting(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Return runs by what they differ in beside the seed, in the order given."""
    groups: dict[str, list[Run]] = {}
    for position, run in enumerate(runs):
        names = ",".join(techniques_of(run.first))
        groups.setdefault(names or str(position), []).append(run)
    return groups


def _common_rung(runs: Sequence[Run], rung: float | None) -> float | None:
    """Return the rung to price; None if no run crossed it."""
    if len({run.last.target.metric for run in runs}) > 1:
        raise ValueError("the price of a quality can be compared for one metric alone")
    crossed = [{crossing.rung for crossing in run.rungs} for run in runs]
    if rung is None:
        by_all = set.intersection(*crossed) if crossed else set()
        known: set[float] = by_all or set().union(*crossed)
        if not known:
            return None
        return min(known) if runs[0].last.target.mode == "min" else max(known)
    return rung if any(rung in own for own in crossed) else None


def _crossing(run: Run, rung: float) -> Crossing | None:
    return next((one for one in run.rungs if one.rung == rung), None)


def _usd(run: Run, crossing: Crossing) -> float:
    keys = ("seconds", "fit_seconds", "joules", "machine_seconds", "fit_machine_seconds")
    known = {key: used for key in keys if (used := getattr(crossing, key))}
    if "fit_machine_seconds" not in known:  # of an older version
        known["fit_machine_seconds"] = known["fit_seconds"] * run.usage.share * run.usage.nodes
    return train_only_usd(replace(run.usage, **known), run.last.tariff)


def _compile_usd(run: Run, crossing: Crossing) -> float:
    fit = crossing.fit_seconds or 0.0
    share = crossing.compile_seconds / fit if fit else 0.0
    return _usd(run, crossing) * share


def _names(groups: dict[str, list[Run]]) -> list[str]:
    """Return what tells settings apart: their techniques, else the words that not all share."""
    firsts = [own[0] for own in groups.values()]
    names = [name_run(run.first) for run in firsts]
    if len(set(names)) == len(names):
        return names
    shared = set.intersection(*(set(run.first.overrides) for run in firsts))
    own = [[word for word in run.first.overrides if word not in shared] for run in firsts]
    return [" ".join(words) or run.run for words, run in zip(own, firsts, strict=True)]
