"""`priced report`: the ledger as a page."""

import argparse
import gc

from priced.cli.find import add_ledger, check_page
from priced.record.connection import redact_password
from priced.record.ledger import entries
from priced.record.runs import group_lives

_EPILOG = """\
three to start with:
  priced report                          logs/report.html and logs/report.csv
  priced report --out /tmp/today.html    elsewhere
  priced report --ledger sqlite:///x.db  from another ledger
"""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "report",
        help="write what every run cost, as one page of HTML and a CSV",
        description="Write one self-contained page: leaderboard, quality against price, its fall.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", default="logs/report.html", help="(logs/report.html)")
    add_ledger(parser)
    parser.set_defaults(go=report)


def report(args: argparse.Namespace) -> int:
    """Write the page and, beside it, the CSV.

    Raises:
        ValueError: If there is nothing to report.
    """
    gc.disable()  # all that is read stays until the end: looking for what does not takes seconds
    try:
        return _write(args)
    finally:
        gc.enable()


def _write(args: argparse.Namespace) -> int:
    from priced.report.leaderboard import contests
    from priced.report.ledger import as_csv, as_page

    out = check_page(args.out)
    found = entries(args.ledger)
    if not found:
        raise ValueError(f"no run in {args.ledger} yet: python train.py makes one")
    out.parent.mkdir(parents=True, exist_ok=True)
    runs = group_lives(found)
    boards = contests(runs)
    out.write_text(as_page(runs, boards, redact_password(args.ledger)), encoding="utf-8")
    out.with_suffix(".csv").write_text(as_csv(boards), encoding="utf-8")
    print(out)
    print(out.with_suffix(".csv"))
    return 0
