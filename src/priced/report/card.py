"""A model card: what a trained network is, how good, on what, at what price.

Source of the form: Mitchell et al., Model Cards for Model Reporting (2019), arXiv:1810.03993.
"""

from pathlib import Path

from priced.price.money import dollars
from priced.record.folder import DATA, RECEIPT, read_json
from priced.record.runs import Run

_DRAWN = ("roc_curve", "confusion_matrix")


def card(run: Run, folder: Path) -> str:
    """Return a run's card in Markdown; its pictures lie beside it in the folder.

    Raises:
        ValueError: If the folder lacks what a run leaves there.
    """
    receipt = read_json(folder / RECEIPT)["lives"][-1]
    data = read_json(folder / DATA)
    versions = ", ".join(f"{name} {number}" for name, number in receipt["versions"].items())
    lines = [
        f"# {run.first.model} on {run.first.data}",
        "",
        f"Run `{run.run}`, {run.first.started_at[:10]}, {run.status}. Made again by:",
        "",
        f"    {run.command}",
        "",
        "## Scores",
        "",
        "| score | train | val | test |",
        "|---|---|---|---|",
        *_score_rows(run),
        "",
        "## Data",
        "",
        f"`{run.first.data}` ({data.get('source', '')}), split by seed {data.get('split_seed')}. "
        + _classes(data.get("class_names") or []),
        "",
    ]
    lines += [*_price(run), *_rungs(run)]
    lines += ["", "## Made with", "", f"{versions}; commit {receipt.get('commit') or 'unknown'}"]
    lines += _pictures(folder)
    return "\n".join(lines) + "\n"


def _price(run: Run) -> list[str]:
    usage, tariff = run.usage, run.last.tariff
    estimated = usage.joules_estimated / usage.joules if usage.joules else 0.0
    return [
        "## Price",
        "",
        "| | |",
        "|---|---|",
        f"| all in | {dollars(run.usd)} for {run.seconds:.1f} s |",
        f"| training alone | {dollars(run.train_only_usd)} for {usage.fit_seconds:.1f} s |",
        f"| price list | {tariff.name}, {tariff.usd_per_hour:g} USD an hour, "
        f"{tariff.usd_per_kwh:g} USD per kWh, as of {tariff.as_of} ({tariff.source}) |",
        f"| energy | {usage.joules:,.0f} J, {estimated:.0%} of it estimated |",
        f"| compute | {usage.flops:.3g} FLOP in training, {usage.samples:,} samples |",
        f"| hardware | {usage.devices} x {usage.device_name}, {usage.nodes} machine(s) |",
        f"| precision | {run.last.precision} |",
    ]


def _score_rows(run: Run) -> list[str]:
    quantities = dict.fromkeys(key.partition("/")[2] for key in run.scores)
    return [
        f"| {quantity} | "
        + " | ".join(_number(run.scores.get(f"{s}/{quantity}")) for s in ("train", "val", "test"))
        + " |"
        for quantity in quantities
    ]


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.4f}"


def _classes(names: list[str]) -> str:
    return f"{len(names)} classes: {', '.join(names)}." if names else "A number to predict."


def _rungs(run: Run) -> list[str]:
    if not run.rungs:
        return []
    head = ["", "| quality level | all-in s | train s | USD |", "|---|---|---|---|"]
    return head + [
        f"| {run.last.target.metric} {c.rung:g} | {c.seconds:.1f} | "
        f"{c.fit_seconds:.1f} | {dollars(c.usd)} |"
        for c in run.rungs
    ]


def _pictures(folder: Path) -> list[str]:
    lines: list[str] = []
    for file in sorted((folder / "figures").glob("*.png")):
        if any(name in file.stem for name in _DRAWN):
            lines += ["", f"![{file.stem.replace('_', ' ')}](figures/{file.name})"]
    return ["", "## Pictures", *lines] if lines else []
