"""The page of a sweep: how it went, what mattered, what the best of each price is."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from priced.price.money import amount, dollars
from priced.report.page import Page, Section, Table, as_html

_ROWS = 200


@dataclass(frozen=True)
class TrialRow:
    """A row of the table of trials.

    Attributes:
        trial: Optuna's.
        picked: What it really ran with.
        score: Its score; None without one.
        usd: What it cost, all in.
        seconds: How long it took.
        error: Why it failed.
    """

    trial: FrozenTrial
    picked: Mapping[str, Any]
    score: float | None
    usd: float
    seconds: float
    error: str


def as_page(
    name: str, study: Study, trials: Sequence[TrialRow], objectives: Sequence[str], usd: float
) -> str:
    """Return a sweep as one page of HTML.

    Args:
        name: The sweep's.
        study: Optuna's.
        trials: A row of each.
        objectives: What the study's values are called.
        usd: What all trials cost.
    """
    sections = [part for part in _sections(study, objectives) if part is not None]
    done = [row for row in trials if row.trial.state == TrialState.COMPLETE]
    tiles = [
        ("trials", f"{len(trials):,}"),
        ("done", f"{len(done):,}"),
        ("pruned", f"{sum(t.trial.state == TrialState.PRUNED for t in trials):,}"),
        ("failed", f"{sum(t.trial.state == TrialState.FAIL for t in trials):,}"),
        ("spent", dollars(usd)),
    ]
    return as_html(
        Page(
            title="A sweep and its price",
            subtitle=name,
            tiles=tiles,
            sections=[*sections, _table(trials)],
            footer="Prices are all in: pruned and failed trials are paid for too.",
        )
    )


def _sections(study: Study, objectives: Sequence[str]) -> list[Section | None]:
    draw = optuna.visualization
    several = len(objectives) > 1
    first: dict[str, Any] = {"target_name": objectives[0]}
    if several:
        first["target"] = lambda trial: trial.values[0]
    return [
        _draw(
            *("The best of each price", "No trial is both better and cheaper than these."),
            lambda: draw.plot_pareto_front(study, target_names=list(objectives)),
        )
        if several
        else None,
        _draw(
            *("How it went", "Each trial's score, and the best until then."),
            lambda: draw.plot_optimization_history(study, **first),
        ),
        _draw(
            *("What mattered", "The share of each setting in how much the score varies (fANOVA)."),
            lambda: draw.plot_param_importances(study, **first),
        ),
        _draw(
            *("What went with what", "A line a trial."),
            lambda: draw.plot_parallel_coordinate(study, **first),
        ),
        _draw(
            *("Each setting alone", "A point a trial."),
            lambda: draw.plot_slice(study, **first),
        ),
    ]


def _draw(title: str, message: str, plot: Callable[[], Any]) -> Section | None:
    """Return a section with one of Optuna's plots; None where there is too little to draw."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            figure = plot()
    except (ValueError, RuntimeError, ZeroDivisionError):  # too few trials, or all alike
        return None
    margin = {"l": 10, "r": 10, "t": 30, "b": 10}
    figure.update_layout(title=None, template="none", height=400, width=None, margin=margin)
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    for trace in figure.data:  # Optuna's blues are lost on black
        for part in ("marker", "line"):
            if part in trace and "colorscale" in trace[part]:
                trace[part].colorscale = "Viridis"
    if figure.data and figure.data[0].type == "parcoords":  # its names stand above its axes
        figure.update_layout(margin={"l": 60, "r": 10, "t": 60, "b": 30})
    return Section(title, message, figure) if figure.data else None


def _table(trials: Sequence[TrialRow]) -> Section:
    ranked = sorted(trials, key=lambda row: (row.trial.values is None, row.trial.number))
    rows = [
        (
            str(row.trial.number),
            row.trial.state.name.lower().replace("complete", "done"),
            "" if row.score is None else f"{row.score:.4f}",
            amount(row.usd),
            f"{row.seconds:.1f}",
            " ".join(f"{key}={_short(value)}" for key, value in row.picked.items()),
            row.error,
        )
        for row in ranked[:_ROWS]
    ]
    columns = ["trial", "state", "score", "USD", "s", "picked", "why it failed"]
    message = "All of them." if len(trials) <= _ROWS else f"The first {_ROWS} of {len(trials):,}."
    return Section(
        "The trials", message, None, Table(columns, rows, numbers=(0, 2, 3, 4), code=(5,))
    )


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
