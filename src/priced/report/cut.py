"""The price cut: which technique took how much off the price of the same quality level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from priced.price.ledger import Entry
from priced.price.pricelist import tariff_of
from priced.price.runs import Run, train_only_usd


@dataclass(frozen=True)
class Step:
    """One run of a waterfall.

    Attributes:
        run: The run.
        name: What to call it.
        usd: The train-only price of the rung: imports and start-up are paid once, by whichever
            run comes first in a process, and are nobody's technique. None if never reached.
        change_usd: That less the one before it that reached the rung; None for the first.
        score: The main score that the run ended with.
    """

    run: Run
    name: str
    usd: float | None
    change_usd: float | None
    score: float | None


def waterfall(runs: Sequence[Run], rung: float | None = None) -> tuple[float, list[Step]] | None:
    """Return a rung and what it cost in each run, in the order given.

    Args:
        runs: Runs that climb by the same metric.
        rung: The quality level; None: the hardest that all of them reached, else that any did.

    Returns:
        The rung and the steps; None if no run crossed one.

    Raises:
        ValueError: If the runs go by different metrics.
    """
    if len({run.last.target.get("metric") for run in runs}) > 1:
        raise ValueError("the price of a quality can be compared for one metric alone")
    crossed = [{crossing["rung"]: crossing for crossing in run.rungs} for run in runs]
    if rung is None:
        rung = _hardest(runs, crossed)
    if rung is None or not any(rung in own for own in crossed):
        return None
    steps: list[Step] = []
    last: float | None = None
    for run, name, own in zip(runs, _names(runs), crossed, strict=True):
        usd = rung_usd(run, own[rung]) if rung in own else None
        change = None if usd is None or last is None else usd - last
        steps.append(Step(run, name, usd, change, main_score(run)))
        last = last if usd is None else usd
    return rung, steps


def rung_usd(run: Run, crossing: dict[str, Any]) -> float:
    """Return the train-only price of a rung, with its share of the joules."""
    keys = ("seconds", "fit_seconds", "joules", "machine_seconds", "fit_machine_seconds")
    known = {key: crossing[key] for key in keys if crossing.get(key)}
    if "fit_machine_seconds" not in known:  # of an older version
        known["fit_machine_seconds"] = known["fit_seconds"] * run.usage.share * run.usage.nodes
    return train_only_usd(replace(run.usage, **known), tariff_of(run.last.tariff))


def main_score(run: Run) -> float | None:
    """Return the score that a run is judged by: its target's, on the test part if it has that."""
    return run.scores.get(main_metric(run))


def main_metric(run: Run) -> str:
    """Return the name of the score that a run is judged by."""
    metric = str(run.last.target.get("metric", ""))
    tested = f"test/{metric.rpartition('/')[2]}"
    return tested if tested in run.scores else metric


def _hardest(runs: Sequence[Run], crossed: Sequence[dict[float, Any]]) -> float | None:
    by_all = set.intersection(*(set(own) for own in crossed)) if crossed else set()
    known = by_all or set().union(*crossed)
    if not known:
        return None
    return min(known) if runs[0].last.target.get("mode") == "min" else max(known)


def _names(runs: Sequence[Run]) -> list[str]:
    """Return what tells runs apart: their techniques, else the words that not all of them share."""
    names = [named(run.first) for run in runs]
    if len(set(names)) == len(names):
        return names
    shared = set.intersection(*(set(run.first.overrides) for run in runs))
    own = [[word for word in run.first.overrides if word not in shared] for run in runs]
    return [" ".join(words) or run.run for words, run in zip(own, runs, strict=True)]


def named(entry: Entry) -> str:
    """Return what to call a run: the technique that it turned on, its experiment or its model."""
    words = dict(word.partition("=")[::2] for word in entry.overrides)
    return words.get("technique") or entry.experiment or entry.model or entry.run
