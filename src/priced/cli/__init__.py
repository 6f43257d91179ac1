"""The `priced` command: a small module a verb; no torch before a config has composed."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from priced.check.terminal import say
from priced.record.private import private

VERBS = ("train", "runs", "report", "market", "schema", "doctor", "board", "dashboard")

_EPILOG = """\
three to start with:
  priced train model=mlp precision=16-mixed     train, test and price a network
  priced runs list                              what ran, how well, for how much
  priced board                                  the dashboards, in a browser

`priced VERB --help` teaches each verb.
"""


class _Parser(argparse.ArgumentParser):
    """Says a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; {self.prog} --help teaches it")


@private()
def main(argv: Sequence[str]) -> int:
    """Run one verb and return its exit code: 0, 1 for a failed run, 2 for a mistake in the call.

    Args:
        argv: The words behind the program's name.
    """
    if argv and argv[0] == "train":
        from priced.cli.verb.train import train

        return train(list(argv[1:]))
    if argv and argv[0] == "rank":  # started by Lightning, never by a person
        from priced.check.terminal import quieten
        from priced.run.ranks import run_rank

        quieten()
        return run_rank()
    parser = _Parser(
        prog="priced",
        description="Train with PyTorch Lightning and Hydra, and know what every run costs.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser(
        "train", help="train, validate, test or predict; takes Hydra overrides", add_help=False
    )
    for verb in VERBS[1:]:
        import_module(f"priced.cli.verb.{verb}").add_to(verbs)
    try:
        args = parser.parse_args(argv)
        return int(args.go(args))
    except ValueError as error:
        say(f"priced: {error}")
        return 2
    except BrokenPipeError:
        return 0  # the reader has seen enough
    except OSError as error:
        say(f"priced: {error.filename}: {error.strerror}")
        return 2


def console() -> None:
    """Be the `priced` of the command line."""
    sys.exit(main(sys.argv[1:]))
