"""The drawings of the reports, as plotly figures without colours of their own background."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go

from priced.price.money import amount
from priced.report.cut import Step
from priced.report.leaderboard import Contest, Record, Row
from priced.report.market import Fact

HEIGHT = 380
_DRAWN = 3000
"""Points of a scatter beyond which a browser grows slow."""
_WORDS = 60
_FEW_POWERS = 3
"""Powers of ten beyond which a money axis marks each once."""
_GOOD, _BAD, _SUM = "#0f9d76", "#e05d44", "#5b8def"
"""Cheaper, dearer, a sum: told apart on white and on black."""


def quality_figure(contest: Contest) -> go.Figure:
    """Return quality against price, a point for each setting, and the line that none is beyond."""
    rows = contest.rows[:_DRAWN]
    figure = go.Figure(
        go.Scattergl(
            x=[row.usd for row in rows],
            y=[row.score for row in rows],
            error_y={"array": [_reach(row) for row in rows], "thickness": 1},
            text=[_hover(row) for row in rows],
            mode="markers",
            name="settings",
            hovertemplate="%{text}<br>%{y:.4f} for %{x:.3g} USD<extra></extra>",
            marker={"size": 9, "opacity": 0.75},
        )
    )
    front = contest.front()
    figure.add_scatter(
        x=[row.usd for row in front],
        y=[row.score for row in front],
        mode="lines+markers",
        line={"shape": "hv", "width": 2},
        marker={"size": 11, "symbol": "diamond"},
        name="Pareto front",
        hoverinfo="skip",
    )
    _laid_out(figure, "USD a run, all in", contest.title, log_x=True)
    figure.update_xaxes(**_money_ticks([row.usd for row in rows]))
    return figure


def fall_figure(records: Mapping[tuple[str, float], Sequence[Record]]) -> go.Figure:
    """Return the running minimum of each rung's price, a step where a run set a record."""
    figure = go.Figure()
    for (data, rung), held in records.items():
        figure.add_scatter(
            x=[record.at for record in held],
            y=[record.usd for record in held],
            text=[f"{record.run} ({_plain(record.name)})" for record in held],
            mode="lines+markers",
            line={"shape": "hv"},
            name=_plain(f"{data} {rung:g}"),
            hovertemplate="%{text}<br>%{y:.3g} USD<extra>%{fullData.name}</extra>",
        )
    _laid_out(figure, "", "USD to reach the rung, all in", log_y=True)
    figure.update_yaxes(**_money_ticks([one.usd for held in records.values() for one in held]))
    return figure


def phase_figure(usd_by_phase: Mapping[str, float]) -> go.Figure:
    """Return where the money went."""
    ordered = sorted(usd_by_phase.items(), key=lambda item: item[1])
    total = sum(usd_by_phase.values()) or 1.0
    figure = go.Figure(
        go.Bar(
            x=[usd for _, usd in ordered],
            y=[phase.replace("_", " ") for phase, _ in ordered],
            text=[f"{usd / total:.0%}" for _, usd in ordered],
            orientation="h",
            hovertemplate="%{y}: %{x:.3g} USD<extra></extra>",
        )
    )
    return _laid_out(figure, "USD", "")


def draw_cut(steps: Sequence[Step]) -> go.Figure:
    """Return the waterfall of a rung's price; a technique that never reached it is left out."""
    reached = [step for step in steps if step.usd is not None]
    figure = go.Figure(
        go.Waterfall(
            x=[*(_plain(step.name) for step in reached), "end"],
            measure=["absolute", *["relative"] * (len(reached) - 1), "total"],
            y=[reached[0].usd, *(step.change_usd for step in reached[1:]), None],
            text=[*(_score(step) for step in reached), ""],
            textposition="outside",
            cliponaxis=False,
            decreasing={"marker": {"color": _GOOD}},
            increasing={"marker": {"color": _BAD}},
            totals={"marker": {"color": _SUM}},
            hovertemplate="%{x}<br>%{delta:.3g} USD to %{final:.3g} USD<extra></extra>",
        )
    )
    return _laid_out(figure, "", "USD of training to the rung")


def _money_ticks(prices: Sequence[float]) -> dict[str, Any]:
    """Return the marks of a logarithmic axis of money: one, two and five of each power of ten."""
    known = [usd for usd in prices if usd > 0]
    if not known:
        return {}
    powers = range(floor(log10(min(known))), ceil(log10(max(known))) + 1)
    marks = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    if len(powers) > _FEW_POWERS:
        marks = marks[::3]
    return {"tickvals": marks, "ticktext": [amount(mark) for mark in marks]}


def market_figure(facts: Mapping[str, Sequence[Fact]], unit: str) -> go.Figure:
    """Return dated list prices, a series each."""
    figure = go.Figure()
    for name, series in facts.items():
        ordered = sorted(series, key=lambda fact: fact.on)
        figure.add_scatter(
            x=[fact.on.isoformat() for fact in ordered],
            y=[fact.usd for fact in ordered],
            text=[fact.thing for fact in ordered],
            mode="lines+markers" if len(facts) > 1 else "markers",
            line={"shape": "hv"},
            name=name,
            hovertemplate="%{text}<br>%{x}: %{y:.4g} USD<extra></extra>",
        )
    return _laid_out(figure, "", unit, log_y=True)


def _laid_out(
    figure: go.Figure, x: str, y: str, *, log_x: bool = False, log_y: bool = False
) -> go.Figure:
    axis: dict[str, Any] = {"automargin": True, "zeroline": False, "exponentformat": "none"}
    figure.update_layout(
        template="none",
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 20, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        xaxis={**axis, "title": {"text": x}, "type": "log" if log_x else None},
        yaxis={**axis, "title": {"text": y}, "type": "log" if log_y else None},
    )
    return figure


def _hover(row: Row) -> str:
    words = row.command if len(row.command) <= _WORDS else row.command[: _WORDS - 1] + "…"
    return f"{_plain(row.name)} ({len(row.runs)} seeds)<br>{_plain(words)}"


def _plain(text: str) -> str:
    """Return a text without what plotly would read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _reach(row: Row) -> float:
    return row.high - row.score if row.high == row.high else 0.0


def _score(step: Step) -> str:
    return "" if step.score is None else f"{step.score:.4f}"
