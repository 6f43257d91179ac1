"""`priced board`: TensorBoard over the runs."""

import argparse
import os
import sys
from pathlib import Path

from priced.check.terminal import say
from priced.cli.find import add_port

_EPILOG = """\
three to start with:
  priced board                        every run below logs/
  priced board logs/runs/2026-11-23   the runs of one day
  priced board --port 7007            on another port
"""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "board",
        help="open TensorBoard on 127.0.0.1 over the runs",
        description="Open TensorBoard over the runs; only this machine can reach it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", default="logs", help="where the runs are (logs)")
    add_port(parser, 6006)
    parser.set_defaults(go=board)


def board(args: argparse.Namespace) -> int:
    """Become TensorBoard, so that Ctrl-C and signals reach it; nothing here is imported by it.

    Raises:
        ValueError: If the folder is not there.
    """
    if not Path(args.folder).is_dir():
        raise ValueError(f"board needs a folder of runs, got {args.folder}")
    words = ["--logdir", args.folder, "--host", "127.0.0.1", "--port", str(args.port)]
    say(f"http://127.0.0.1:{args.port}/ (Ctrl-C ends it)")
    os.execv(sys.executable, [sys.executable, "-P", "-m", "tensorboard.main", *words])
