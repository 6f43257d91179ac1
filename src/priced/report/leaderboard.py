"""Who is best at what, for how much: seeds folded, the price of quality, its fall over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from priced.check.config_digest import read_settings
from priced.check.schema import list_knobs
from priced.price.claim import interval
from priced.record.folder import RESOLVED
from priced.record.runs import Run
from priced.report.cut import name_run

_NOT_COMPARED = list_knobs("identity", False)
_DERIVED = ("data.seed", "trainer.precision", "trainer.max_epochs")


@dataclass(frozen=True)
class Row:
    """Runs that differ in their seed alone.

    Attributes:
        runs: The newest of each seed.
        score: Their mean validation score, with its 95 % interval (NaN for one seed).
        test: The mean test score of what validation picked; None if one was not tested.
        usd: Their mean all-in price.
        seconds: Their mean all-in seconds.
    """

    runs: tuple[Run, ...]
    score: float
    test: float | None
    low: float
    high: float
    usd: float
    seconds: float

    @property
    def name(self) -> str:
        """Return what to call it: the technique, the experiment or the model."""
        return name_run(self.runs[0].first)

    @property
    def command(self) -> str:
        """Return the command line that makes it again."""
        return self.runs[0].command


@dataclass(frozen=True)
class Contest:
    """Rows that can be held against each other: the same data, the same metric.

    Attributes:
        data: The data option.
        metric: The score that they are ranked by: of validation. What is chosen by a test score is
            not tested by it.
        mode: Whether lower (min) or higher (max) is better.
        rows: Best first.
    """

    data: str
    metric: str
    mode: str
    rows: list[Row]

    @property
    def title(self) -> str:
        """Return the quantity, the part that it was scored on, and the data."""
        part, _, quantity = self.metric.rpartition("/")
        return f"{part} {quantity} on {self.data}".strip()

    def front(self) -> list[Row]:
        """Return the rows that no other beats in both score and price, cheapest first."""
        sign = 1 if self.mode == "max" else -1
        best, kept = float("-inf"), []
        for row in sorted(self.rows, key=lambda row: (row.usd, -sign * row.score)):
            if sign * row.score > best:
                best = sign * row.score
                kept.append(row)
        return kept


@dataclass(frozen=True)
class Record:
    """A run that reached a rung cheaper than any before it.

    Attributes:
        rung: The quality level.
        at: When the run started, ISO 8601.
        usd: The all-in price of the rung.
        run: The run's id.
        name: Its experiment or model.
    """

    rung: float
    at: str
    usd: float
    run: str
    name: str


def contests(runs: Iterable[Run]) -> list[Contest]:
    """Return the leaderboards, the one with most rows first; runs without a score are left out."""
    groups: dict[tuple[str, str, str], dict[str, dict[int, Run]]] = {}
    for run in runs:  # newest first: of a seed that ran twice the newer one counts
        last = run.last
        metric = last.target.metric
        if run.scores.get(metric) is None or run.is_limited:
            continue
        key = (last.data, metric, last.target.mode)
        seeds = groups.setdefault(key, {}).setdefault(last.settings or last.run, {})
        seeds.setdefault(last.seed, run)
    found = [
        Contest(data, metric, mode, _rank(settings.values(), metric, mode))
        for (data, metric, mode), settings in groups.items()
    ]
    return sorted(found, key=lambda contest: -len(contest.rows))


def _rank(groups: Iterable[dict[int, Run]], metric: str, mode: str) -> list[Row]:
    rows = [_row(tuple(seeds.values()), metric) for seeds in groups]
    return sorted(rows, key=lambda row: row.score, reverse=mode == "max")


def _row(runs: tuple[Run, ...], metric: str) -> Row:
    scores = [score for run in runs if (score := run.scores.get(metric)) is not None]
    if len(runs) == 1 and runs[0].members:  # a mean of folds or seeds: its interval is theirs
        of_members = (member.scores.get(metric) for member in runs[0].members)
        own = [score for score in of_members if score is not None]
        scores = own or scores
    tested = [run.scores.get(f"test/{metric.partition('/')[2]}") for run in runs]
    known = [score for score in tested if score is not None]
    low, high = interval(scores)
    return Row(
        runs=runs,
        score=fmean(scores),
        test=fmean(known) if len(known) == len(runs) else None,
        low=low,
        high=high,
        usd=fmean(run.usd for run in runs),
        seconds=fmean(run.seconds for run in runs),
    )


def records(runs: Sequence[Run]) -> dict[tuple[str, float], list[Record]]:
    """Return the runs that set a record of a rung's price, oldest first, by metric and rung."""
    found: dict[tuple[str, float], list[Record]] = {}
    for run in sorted(runs, key=lambda run: run.first.started_at):
        for crossing in () if run.is_limited else run.rungs:
            held = found.setdefault((_quality(run), crossing.rung), [])
            if not held or crossing.usd < held[-1].usd:
                first = run.first
                name, rung = name_run(first), crossing.rung
                held.append(Record(rung, first.started_at, crossing.usd, run.run, name))
    return found


def _quality(run: Run) -> str:
    return f"{run.last.data} {run.last.target.metric}"


def usd_by_phase(runs: Iterable[Run]) -> dict[str, float]:
    """Return where the money went: each run's price, shared out by its seconds."""
    found: dict[str, float] = {}
    for run in runs:
        for life in run.paid:
            for phase, seconds in life.usage.seconds_by_phase.items():
                share = seconds / life.seconds if life.seconds else 0.0
                found[phase] = found.get(phase, 0.0) + life.usd * share
    return found


def difference(row: Row, beaten: Row) -> str:
    """Return the settings of a row that the one it beats has otherwise."""
    own, other = (_read_kept(one.runs[0]) for one in (row, beaten))
    if own is None or other is None:
        mine, theirs = (set(one.runs[0].first.overrides) for one in (row, beaten))
        return ", ".join(sorted(mine - theirs))
    changed = [key for key in {**own, **other} if own.get(key) != other.get(key)]
    return ", ".join(_spelt(key, own) for key in changed if _tells(key))


def _tells(key: str) -> bool:
    """Say whether a setting is one that a person picked, not one that follows from another."""
    group, _, rest = key.partition(".")
    if group == "callback":
        return rest.endswith("._target_") and not rest.startswith("progress")
    return group not in _NOT_COMPARED and key not in _DERIVED


def _spelt(key: str, settings: dict[str, object]) -> str:
    if key not in settings:
        return f"no {key.removesuffix('._target_')}"
    value = str(settings[key])
    if key.endswith("._target_"):
        return f"{key.removesuffix('._target_')}={value.rpartition('.')[2]}"
    return f"{key}={value}"


def _read_kept(run: Run) -> dict[str, object] | None:
    file = Path(run.last.folder) / RESOLVED
    return read_settings(file) if file.is_file() else None
