"""`priced train`: compose a config, hold it against what it may be, run it."""

import os
import re
import sys
import traceback
from itertools import pairwise
from pathlib import Path

from hydra import main as hydra_main
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from priced.check import Refused, check
from priced.check.root import SECTIONS
from priced.check.target import ALLOW_VARIABLE, whitelist
from priced.cli.compare import show_waterfall
from priced.cli.conf import conf_dir
from priced.cli.kept import keep_config
from priced.cli.quote import show_quote
from priced.cli.show import price_line, show
from priced.cli.terminal import one_line, quieten
from priced.price.energy import machine_energy
from priced.price.ledger import Entry, entries
from priced.price.runs import fold
from priced.price.usage import Process
from priced.record.receipt import run_of

_FULL_ERROR = "HYDRA_FULL_ERROR"
_FAILED = 1
_REFUSED = 2
_INTERRUPTED = 130
_SECTION_KEY = re.compile(rf"({'|'.join((*SECTIONS, 'budget', 'target'))})\.[\w.-]+=")


def train(argv: list[str]) -> int:
    """Run what a command line asks for.

    Args:
        argv: Hydra's overrides and flags; `--allow PACKAGE` trusts a package of the user's own.

    Returns:
        0; 2 if the command cannot run, 1 if a run failed, 130 or 143 if it was stopped, 3 if its
        budget stopped it.
    """
    try:
        words = _take_allowed(argv)
        name = keep_config(words)
        words += ["--multirun"] * (_sweeps(words) and not {"-m", "--multirun"} & set(words))
    except ValueError as error:
        return refuse(error)
    return compose_and_run(words, name)


def compose_and_run(words: list[str], name: str) -> int:
    """Compose a config and run it; a mistake in it is said in one line.

    Args:
        words: Hydra's overrides and flags.
        name: The primary config.

    Returns:
        0; 2 if the command cannot run, 1 if a run failed, 130 or 143 if it was stopped.
    """
    codes: list[int] = []
    done: list[Entry] = []
    full = os.environ.get(_FULL_ERROR) == "1"
    os.environ[_FULL_ERROR] = "1"  # so that Hydra raises and the line is written here
    sys.argv = [sys.argv[0], *map(open_key, words)]
    compose = hydra_main(str(conf_dir()), name, execution_whitelist=whitelist())
    try:
        compose(lambda cfg: _run(cfg, codes, done, full))()
    except (ValueError, HydraException, OmegaConfBaseException) as error:
        if full:
            raise
        return refuse(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        if not full:
            del os.environ[_FULL_ERROR]
    if len({entry.settings for entry in done if entry.rungs}) > 1:
        in_order = sorted(fold(done), key=lambda run: run.first.started_at)
        show_waterfall(in_order, None, Console())
    return max(codes, default=0)


def refuse(error: Exception) -> int:
    """Say in one line why a command cannot run; return the exit code for that."""
    print(f"priced: {one_line(error)}", file=sys.stderr)
    return _REFUSED


def _run(cfg: DictConfig, codes: list[int], done: list[Entry], full: bool) -> float | None:
    """Run one composed config and note its exit code; Hydra's sweepers take the score returned."""
    try:
        check(cfg)  # before torch is loaded
        machine_energy(Process.start()[0])  # finds the hardware while torch is loading
        return _run_checked(cfg, codes, done)
    except Refused as error:
        if full:
            raise
        codes.append(refuse(error))
        return None


def _run_checked(cfg: DictConfig, codes: list[int], done: list[Entry]) -> float | None:
    from priced.callback.stop import Stopped
    from priced.run import run

    quieten()
    job = HydraConfig.get()
    if job.mode == RunMode.MULTIRUN:
        cfg.folder = job.runtime.output_dir
    try:
        words = [word.removeprefix("++") for word in job.overrides.task]
        entry = run(cfg, words, show_quote if "quote" in cfg.stages else None)
    except Stopped as stopped:
        [entry] = entries(cfg.ledger, run_of(Path(cfg.folder)), limit=1)
        print(f"priced: {stopped}; {price_line(entry)}", file=sys.stderr)
        more = " and a larger budget" if "budget" in entry.status else ""
        print(f"go on with run={cfg.folder}{more}", file=sys.stderr)
        if more:  # its own limit, not a wish to end all that a multirun still has to do
            codes.append(stopped.exit_code)
            return None
        raise SystemExit(stopped.exit_code) from None
    except Refused:
        raise
    except Exception as error:
        traceback.print_exc()
        print(
            f"priced: the run failed: {one_line(error)}; it is kept in {cfg.folder}",
            file=sys.stderr,
        )
        codes.append(_FAILED)
        return None
    show(entry)
    done.append(entry)
    return entry.scores.get(cfg.target.metric)


def open_key(word: str) -> str:
    """Let a section take any key without `+`: what its class takes is checked against the class."""
    return f"++{word}" if _SECTION_KEY.match(word) else word


def _sweeps(words: list[str]) -> bool:
    """Say whether an experiment is a multirun by itself; Hydra must be told beforehand."""
    names = [word.partition("=")[2] for word in words if word.startswith("experiment=")]
    own = [Path(after) for word, after in pairwise(words) if word in ("--config-dir", "-cd")]
    files = [root / "experiment" / f"{name}.yaml" for root in [conf_dir(), *own] for name in names]
    found = [OmegaConf.load(file) for file in files if file.is_file()]
    return any(OmegaConf.select(one, "hydra.sweeper.params") is not None for one in found)


def _take_allowed(argv: list[str]) -> list[str]:
    """Part `--allow PACKAGE` from the words that are Hydra's."""
    words, allowed = [], []
    rest = iter(argv)
    for word in rest:
        if word == "--allow":
            allowed.append(next(rest, ""))
        elif word.startswith("--allow="):
            allowed.append(word.partition("=")[2])
        else:
            words.append(word)
    if allowed:
        known = os.environ.get(ALLOW_VARIABLE, "")
        os.environ[ALLOW_VARIABLE] = ",".join([*filter(None, [known]), *allowed])
    if os.environ.get(ALLOW_VARIABLE) and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # where a user's own module stands
    return words
