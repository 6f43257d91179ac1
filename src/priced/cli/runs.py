"""`priced runs`: what ran, how well, for how much."""

import argparse
import json
import sys
from pathlib import Path

from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from priced.cli.show import dollars, number, score_table
from priced.price.ledger import Entry, entries
from priced.price.runs import Run, fold
from priced.record.folder import RESOLVED
from priced.record.leaves import leaves

_EPILOG = """\
three to start with:
  priced runs list                   the newest runs, their scores and prices
  priced runs show 4d31b46e          one run: scores, price, how it was made
  priced runs compare 4d31b46e last  what differs: settings, scores, price
"""
_DEFAULT_LEDGER = "sqlite:///logs/ledger.db"
_SHOWN = 20
_NAME_WIDTH = 8
"""What a long name is cut to, so that scores and prices are not."""
_FIRST_SCORES = ("test/accuracy", "test/rmse", "val/accuracy", "val/rmse", "val/loss")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "runs",
        help="list, show, compare and rerun what was run",
        description="Read the ledger: what ran, how well, for how much.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the newest runs, a line each")
    listing.add_argument("--limit", type=int, default=_SHOWN, help=f"how many ({_SHOWN})")
    listing.set_defaults(go=list_runs)
    showing = actions.add_parser("show", help="one run: scores, price, how it was made")
    showing.add_argument("run", help="an id, the start of one, or last")
    showing.set_defaults(go=show_run)
    comparing = actions.add_parser("compare", help="what differs between runs")
    comparing.add_argument("runs", nargs="+", metavar="run", help="ids, or last")
    comparing.set_defaults(go=compare_runs)
    again = actions.add_parser("rerun", help="run it again, from the config that it kept")
    again.add_argument("run", help="an id, the start of one, or last")
    again.add_argument("overrides", nargs="*", help="what to change, key=value")
    again.set_defaults(go=rerun)
    for action in (listing, showing, comparing, again):
        action.add_argument("--ledger", default=_DEFAULT_LEDGER, help=f"({_DEFAULT_LEDGER})")


def list_runs(args: argparse.Namespace) -> int:
    """Print the newest runs."""
    found = fold(_read(args.ledger))[: args.limit]
    if not found:
        print(f"no run in {args.ledger} yet: python train.py makes one")
        return 0
    table = Table("run", "UTC", "status", "model", "data", "score", "seconds", "USD", box=None)
    table.padding = (0, 1, 0, 0)
    for column in table.columns:
        column.justify = "right" if column.header in ("seconds", "USD") else "left"
        column.no_wrap = True
        column.max_width = _NAME_WIDTH if column.header in ("model", "data") else None
    for run in found:
        table.add_row(
            run.run,
            run.first.started_at[5:16].replace("T", " "),
            run.last.status,
            run.first.model,
            run.first.data,
            _main_score(run),
            f"{run.seconds:.1f}",
            dollars(run.usd).removesuffix(" USD"),
        )
    Console().print(table)
    return 0


def show_run(args: argparse.Namespace) -> int:
    """Print all that the ledger knows of one run."""
    run = _find(args.ledger, args.run)
    console = Console(highlight=False)
    console.print(f"run {run.run}: {run.last.status}, {len(run.lives)} process(es)", soft_wrap=True)
    console.print(f"folder {run.last.folder}", soft_wrap=True, markup=False)
    console.print(f"made by {_command(run.first)}", soft_wrap=True, markup=False)
    console.print(
        f"on {run.last.host}, {run.last.usage.get('device_name')}, precision {run.last.precision}",
        soft_wrap=True,
    )
    console.print(score_table(run.scores))
    table = Table("process", "stages", "status", "seconds", "price", "tariff")
    for life in run.lives:
        table.add_row(
            str(life.life),
            ", ".join(life.stages),
            life.status,
            f"{life.seconds:.1f}",
            dollars(life.usd),
            life.tariff["name"],
        )
    console.print(table)
    console.print(f"price {dollars(run.usd)} for {run.seconds:.1f} s", style="bold")
    return 0


def compare_runs(args: argparse.Namespace) -> int:
    """Print the settings that differ, then scores and prices side by side."""
    runs = [_find(args.ledger, name) for name in args.runs]
    table = Table("", *(run.run for run in runs))
    settings = [_settings(run) for run in runs]
    for key in dict.fromkeys(key for one in settings for key in one):
        values = [json.dumps(one.get(key)) if key in one else "" for one in settings]
        if len(set(values)) > 1:
            table.add_row(key, *values)
    table.add_section()
    for score in dict.fromkeys(key for run in runs for key in run.scores):
        table.add_row(score, *(number(run.scores.get(score)) for run in runs))
    table.add_section()
    table.add_row("seconds", *(f"{run.seconds:.1f}" for run in runs))
    table.add_row("price", *(dollars(run.usd) for run in runs))
    Console().print(table)
    return 0


def rerun(args: argparse.Namespace) -> int:
    """Run a kept config as a new run."""
    from priced.cli.kept import KEPT, store
    from priced.cli.train import compose_and_run

    store(Path(_find(args.ledger, args.run).last.folder))
    return compose_and_run(args.overrides, KEPT)


def _read(url: str) -> list[Entry]:
    database = url.removeprefix("sqlite:///")
    if url.startswith("sqlite") and not Path(database).is_file():
        return []  # reading must not make one
    return entries(url)


def _find(url: str, name: str) -> Run:
    """Return the run that an id, the start of one or `last` means.

    Raises:
        ValueError: If it means none or several.
    """
    runs = fold(_read(url))
    matching = runs[:1] if name == "last" else [run for run in runs if run.run.startswith(name)]
    if len(matching) != 1:
        said = "several runs" if matching else "no run"
        raise ValueError(f"run must be the id of one run or last, got {name}: {said} in {url}")
    return matching[0]


def _main_score(run: Run) -> str:
    known = [key for key in _FIRST_SCORES if run.scores.get(key) is not None]
    return f"{known[0].partition('/')[2]} {number(run.scores[known[0]])}" if known else ""


def _command(entry: Entry) -> str:
    return " ".join(["python train.py", *entry.overrides])


def _settings(run: Run) -> dict[str, object]:
    """Return a run's settings by dotted key, or nothing if its folder is gone."""
    file = Path(run.last.folder) / RESOLVED
    if not file.is_file():
        print(f"priced: {file} is gone: its settings are not compared", file=sys.stderr)
        return {}
    plain = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
    skip = ("folder", "run", "ledger", "logs", "stages")
    assert isinstance(plain, dict)
    flat = leaves({key: value for key, value in plain.items() if key not in skip})
    return {k: v for k, v in flat.items() if not str(v).startswith(run.last.folder)}
