"""`priced runs`: what ran, how well, for how much."""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from priced.check.terminal import say
from priced.cli.find import add_ledger, add_limit, add_run, find_run
from priced.cli.text.run import number
from priced.price.money import amount
from priced.record.entries import all_entries
from priced.record.ledger import newest, replace_all
from priced.record.runs import Run, group_lives
from priced.report.cut import main_score

_EPILOG = """\
three to start with:
  priced runs list                   the newest runs, their scores and prices
  priced runs show 4d31b46e          one run: scores, price, how it was made
  priced runs compare 4d31b46e last  what differs: settings, scores, price
"""
_SHOWN = 20
_NAME_WIDTH = 8
"""What a long name is cut to, so that scores and prices are not."""

_Action = Callable[[argparse.Namespace], int]
if TYPE_CHECKING:
    _Actions = argparse._SubParsersAction[argparse.ArgumentParser]


def _in(module: str, name: str) -> _Action:
    """Return an action of another module, loaded once it is called: a list must come at once."""
    return lambda args: int(getattr(import_module(f"priced.cli.verb.{module}"), name)(args))


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "runs",
        help="list, show, compare, claim, export and rerun what was run",
        description="Read the ledger: what ran, how well, for how much.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    listing = _add(actions, "list", list_runs, "the newest runs, a line each")
    add_limit(listing, _SHOWN)
    add_ledger(listing)
    showing = _add(
        actions, "show", _in("show", "show_run"), "one run: scores, price, how it was made"
    )
    add_run(showing)
    showing.add_argument(
        "--tariff", help="price it again: aws_p5, aws_p5@2024-01-01 (as it was that day), mine.yaml"
    )
    _add_compare(actions)
    _add_claim(actions)
    _add_export(actions)
    carding = _add(actions, "card", _in("show", "write_card"), "a model card, in the run's folder")
    add_run(carding)
    again = _add(actions, "rerun", rerun, "run it again, from the config that it kept")
    add_run(again)
    again.add_argument("overrides", nargs="*", help="what to change, key=value")
    rebuilding = _add(actions, "rebuild", rebuild, "write a lost ledger anew, from the run folders")
    rebuilding.add_argument("--logs", default="logs", help="where the runs are (logs)")
    add_ledger(rebuilding)


def _add(actions: "_Actions", name: str, go: _Action, message: str) -> argparse.ArgumentParser:
    added = actions.add_parser(name, help=message, description=message)
    added.set_defaults(go=go)
    return added


def _add_compare(actions: "_Actions") -> None:
    message = "what differs between runs, and what cut the price"
    parser = _add(actions, "compare", _in("compare", "compare_runs"), message)
    parser.add_argument("runs", nargs="+", metavar="run", help="ids, or last; a waterfall's order")
    parser.add_argument("--rung", type=float, help="the quality level to price (the highest)")
    add_ledger(parser)


def _add_claim(actions: "_Actions") -> None:
    message = "whether seeds reach a quality level, and the price"
    parser = _add(actions, "claim", _in("claim", "claim_level"), message)
    parser.add_argument("--experiment", required=True, help="whose runs")
    parser.add_argument("--metric", required=True, help="such as test/accuracy")
    parser.add_argument("--at", type=float, required=True, help="the level")
    parser.add_argument(
        "--mode", choices=("min", "max"), help="which way is better, where the task does not say"
    )
    add_ledger(parser)


def _add_export(actions: "_Actions") -> None:
    message = "a run in the format of others"
    parser = _add(actions, "export", _in("export", "export_run"), message)
    add_run(parser)
    parser.add_argument("--dawnbench", action="store_true", required=True, help="JSON and TSV")
    parser.add_argument("--tariff", help="price an hour by it (that of the run)")
    parser.add_argument("--author", default="", help="who made it")
    parser.add_argument("--code", default="", help="address of the code")
    parser.add_argument("--out", default=".", help="folder to write to (this one)")


def list_runs(args: argparse.Namespace) -> int:
    """Print the newest runs."""
    found = group_lives(newest(args.ledger, args.limit))
    if not found:
        print(f"no run in {args.ledger} yet: python train.py makes one")
        return 0
    table = Table("run", "UTC", "status", "model", "data", "score", "seconds", "USD", box=None)
    table.padding = (0, 1, 0, 0)
    for column in table.columns:
        column.justify = "right" if column.header in ("seconds", "USD") else "left"
        column.no_wrap = True
        column.max_width = _NAME_WIDTH if column.header in ("model", "data", "status") else None
    for run in found:
        table.add_row(
            run.run,
            run.first.started_at[5:16].replace("T", " "),
            run.status.removeprefix("stopped: "),
            run.first.model,
            run.first.data,
            _main_score(run),
            f"{run.seconds:.1f}",
            amount(run.usd),
        )
    Console(markup=False).print(table)
    return 0


def rerun(args: argparse.Namespace) -> int:
    """Run a kept config as a new run."""
    from priced.cli.verb.train import run_request
    from priced.compose.request import allow, read_request

    if any(word.startswith("run=") for word in args.overrides):
        raise ValueError("rerun makes a new run of a kept config: run= goes on with one, without")
    found = find_run(args.ledger, args.run)
    allow([word.partition("=")[2] for word in found.words if word.startswith("--allow=")])
    folder = Path(found.last.folder)
    return run_request(lambda: read_request(args.overrides, folder, found.words))


def rebuild(args: argparse.Namespace) -> int:
    """Write the ledger from what the run folders keep of it."""
    if not Path(args.logs).is_dir():
        raise ValueError(f"rebuild needs the folder of the runs, got {args.logs}")
    found, wrong = all_entries(Path(args.logs))
    replace_all(found, args.ledger)
    print(f"{len({entry.run for entry in found})} run(s) of {args.logs} are in {args.ledger}")
    for message in wrong:
        say(f"priced: left out: {message}")
    return 1 if wrong else 0


def _main_score(run: Run) -> str:
    quantity = run.last.target.metric.rpartition("/")[2]
    score = main_score(run)
    return "" if score is None else f"{quantity} {number(score)}"
