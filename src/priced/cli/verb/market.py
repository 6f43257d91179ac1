"""`priced market`: what models and machines are sold for, and how fast that falls."""

import argparse

from rich.console import Console
from rich.table import Table

from priced.cli.find import add_ledger, check_page, find_run
from priced.price.money import amount, dollars
from priced.record.runs import Run

_EPILOG = """\
three to start with:
  priced market                          how fast prices fall; logs/market.html draws them
  priced market --against last           your newest run's price per million samples beside them
  priced market --out /tmp/market.html   draw elsewhere
"""
_MILLION = 1e6


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "market",
        help="draw the list prices of models and machines, and how fast they fall",
        description="State the yearly factor by which prices fall, from dated, sourced facts.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--against", metavar="RUN", help="a run of yours to set beside them")
    parser.add_argument("--out", default="logs/market.html", help="(logs/market.html)")
    add_ledger(parser)
    parser.set_defaults(go=market)


def market(args: argparse.Namespace) -> int:
    """Print the trends, and write the page."""
    from priced.report.market import falls
    from priced.report.market_page import as_page

    own = find_run(args.ledger, args.against) if args.against else None
    found = falls()
    table = Table("price of", "facts", "from", "to", "a year", "95 %")
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    for fall in found:
        days = sorted(fact.on for fact in fall.facts)
        trend = fall.trend
        table.add_row(
            fall.what,
            str(len(fall.facts)),
            f"{days[0]:%Y-%m}",
            f"{days[-1]:%Y-%m}",
            "" if trend is None else f"x {trend.factor:.2g}",
            "" if trend is None else f"{trend.low:.2g} to {trend.high:.2g}",
        )
    console = Console(highlight=False, markup=False)
    console.print(table)
    lines = [] if own is None else own_lines(own)
    for line in lines:
        console.print(line, style="bold", soft_wrap=True)
    out = check_page(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(as_page(found, lines), encoding="utf-8")
    print(out)
    return 0


def own_lines(run: Run) -> list[str]:
    """Return what a million of a run's samples, and of its tokens, cost to train on."""
    usage = run.usage
    if not usage.samples:
        raise ValueError(f"run {run.run} trained on nothing: there is no price to set beside")
    lines = []
    for name, count in (("samples", usage.samples), ("tokens", usage.tokens)):
        if count:
            each, only = run.usd / count * _MILLION, run.train_only_usd / count * _MILLION
            lines.append(
                f"your run {run.run}: {dollars(each)} per million {name} trained on, all in; "
                f"{amount(only)} on the train-only clock"
            )
    return lines
