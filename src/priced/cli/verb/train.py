"""`priced train`: compose a config, hold it against what it may be, run it."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence

from hydra import main as hydra_main
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from priced.check import Refused
from priced.check.conf_dir import conf_dir
from priced.check.signature import signature
from priced.check.target import whitelist
from priced.check.terminal import one_line, quieten, say, say_error
from priced.cli.text.explain import explain, find_asked
from priced.cli.text.quote import show_quote
from priced.cli.text.run import price_line, show
from priced.compose import Config, Request, read_request
from priced.price.energy import machine_energy
from priced.price.process import Process
from priced.price.quote import Quote
from priced.record.entry import Entry
from priced.record.ledger import entries
from priced.record.runs import group_lives

_FAILED = 1
_REFUSED = 2
_INTERRUPTED = 130


def train(argv: list[str]) -> int:
    """Run what a command line asks for.

    Args:
        argv: Hydra's overrides and flags; `--allow PACKAGE` trusts a package of the user's own.

    Returns:
        0; 2 if the command cannot run, 1 if a run failed, 130 or 143 if it was stopped, 3 if its
        budget stopped it.
    """
    try:
        shows, rest = _take_hydra_flags(argv)
    except argparse.ArgumentError as error:
        return refuse(error)
    return _show_by_hydra(argv, rest) if shows else run_request(lambda: read_request(argv))


def run_request(read: Callable[[], Request]) -> int:
    """Run what is asked for; a mistake in it is told in one line.

    Args:
        read: Returns the request.

    Returns:
        As `train`.
    """
    try:
        request = read()
        return _sweep(request) if request.multirun else _run(request.compose(), request.undone)
    except (ValueError, HydraException, OmegaConfBaseException) as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":  # as Hydra's own users know it
            raise
        return refuse(error)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _sweep(request: Request) -> int:
    """Sweep, or quote all trials where that is all that is asked for; return the exit code."""
    from priced.cli.text.sweep import end_sweep
    from priced.run.start import is_quote
    from priced.sweep.drive import drive
    from priced.sweep.start import begin, plan_sweep

    plan = plan_sweep(request)
    if is_quote(plan.base):
        return _run(plan.base, request.undone, plan.total() or 1)
    for message in request.undone:
        say(message)
    return end_sweep(drive(begin(plan), request))


def _run(config: Config, undone: Sequence[str], trials: int = 1) -> int:
    """Run a config; return the exit code.

    Args:
        config: What to run.
        undone: What to say of words without effect, once it runs.
        trials: How many such runs are quoted.
    """
    machine_energy(Process.start()[0])  # finds the hardware while torch is loading
    from priced.callback.stop import Stopped
    from priced.run.group import run_all

    def show_quotes(quote: Quote) -> None:
        show_quote(quote.times(trials))
        if trials > 1:
            print(f"for {trials} trials, none of them ended early")

    begun: list[Entry] = []

    def start(entry: Entry) -> None:
        begun.append(entry)
        for message in undone:
            say(message)

    quieten()
    try:
        on_quote = show_quotes if "quote" in config.stages else None
        entry = run_all(config, on_quote=on_quote, on_start=start)
    except Stopped as stopped:
        _say_stopped(config, begun[0], stopped)
        return stopped.exit_code
    except Refused:
        raise
    except Exception as error:
        say_error(error)
        message = f"the run failed: {one_line(error)}; it is kept in {begun[0].folder}"
        say(f"priced: {message}")
        return _FAILED
    show(entry, group_lives(entries(config.ledger, parent=entry.run)))
    return 0


def refuse(error: Exception) -> int:
    """Say in one line why a command cannot run; return the exit code for that."""
    message = one_line(error)
    say(f"priced: {message}{_section_hint(message)}")
    return _REFUSED


_USUAL = {
    "data": "priced.data.digits.Digits",
    "model": "priced.model.mlp.MLP",
    "optimizer": "torch.optim.AdamW",
    "trainer": "lightning.pytorch.Trainer",
}
_NO_KNOB = re.compile(r"Could not override '(\w+)'")


def _section_hint(message: str) -> str:
    """Return where a word belongs that was given without its section; nothing if nowhere."""
    missed = _NO_KNOB.search(message)
    if missed is None:
        return ""
    for section, target in _USUAL.items():
        taken = signature(target)
        if taken is not None and missed[1] in taken.annotations:
            return f"; did you mean {section}.{missed[1]}?"
    return ""


def _say_stopped(config: Config, begun: Entry, stopped: BaseException) -> None:
    [entry] = entries(config.ledger, begun.run, limit=1)
    members = group_lives(entries(config.ledger, parent=entry.run))
    say(f"priced: {stopped}; {price_line(entry, members)}")
    more = " and a larger budget" if "budget" in entry.status else ""
    say(f"go on with run={begun.folder}{more}")


def _show_by_hydra(argv: Sequence[str], rest: Sequence[str]) -> int:
    """Let Hydra show its help, a config or its own state; nothing is run.

    Args:
        argv: The command line.
        rest: It without the flags of Hydra's.
    """
    left = list(rest)
    flags = [word for word in argv if not (left and word == left[0] and left.pop(0))]
    try:
        request = read_request(rest)
        if {"-h", "--help"} & set(flags) and (asked := find_asked(request.words)):
            explain(request, asked, Console(highlight=False, markup=False))
            return 0
        completes = bool({"-sc", "--shell-completion"} & set(flags))
        if completes:
            _check_completion(request.words)
        else:
            request.options.compose(request.primary, request.words)  # a mistake is told in a line
        folders = ",".join(f"file://{folder.absolute()}" for folder in request.options.own)
        search = [f"hydra.searchpath=[{folders}]"] if folders else []
        sys.argv = [sys.argv[0], *flags, *request.words, *request.hydra, *search]
        show_config = hydra_main(str(conf_dir()), request.primary, execution_whitelist=whitelist())
        show_config(lambda cfg: None)()
    except (ValueError, HydraException, OmegaConfBaseException) as error:
        return refuse(error)
    return 0


def _check_completion(words: Sequence[str]) -> None:
    """Refuse words that the completion of a shell does not take.

    Raises:
        ValueError: If they are none.
    """
    asked = [word.partition("=")[0] for word in words]
    if not {"install", "uninstall", "query"} & {*asked}:
        raise ValueError(
            "--shell-completion takes install=SHELL or uninstall=SHELL: -sc install=bash"
        )
    if "query" in asked and "COMP_LINE" not in os.environ:
        raise ValueError("the shell itself asks for completion: -sc install=bash sets it up")


def _take_hydra_flags(argv: Sequence[str]) -> tuple[bool, list[str]]:
    """Return whether a command line asks Hydra to show something, and its other words."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for names in (("-h", "--help"), ("--hydra-help",), ("--version",), ("--resolve",)):
        parser.add_argument(*names, action="store_true")
    parser.add_argument("-sc", "--shell-completion", action="store_true")
    parser.add_argument("-c", "--cfg")
    parser.add_argument("-p", "--package")
    parser.add_argument("-i", "--info", nargs="?", const="all")
    found, rest = parser.parse_known_args(argv)
    return any(vars(found).values()), rest
