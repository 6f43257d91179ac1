"""`priced train`: compose a config, hold it against what it may be, run it."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from hydra import main as hydra_main
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from priced.check import check
from priced.check.target import ALLOW_VARIABLE, whitelist
from priced.cli.conf import conf_dir
from priced.cli.kept import keep_config

_FULL_ERROR = "HYDRA_FULL_ERROR"


def train(argv: list[str]) -> int:
    """Run what a command line asks for.

    Args:
        argv: Hydra's overrides and flags; `--allow PACKAGE` trusts a package of the user's own.

    Returns:
        0; 2 if the command cannot run, 1 if a run failed, 130 or 143 if it was stopped.
    """
    full = os.environ.get(_FULL_ERROR) == "1"
    os.environ[_FULL_ERROR] = "1"  # so that Hydra raises and the line is written here
    try:
        words = _take_allowed(argv)
        name = keep_config(words)
        sys.argv = [sys.argv[0], *words]
        hydra_main(
            config_path=str(conf_dir()),
            config_name=name,
            execution_whitelist=whitelist(),
        )(_run)()
    except (ValueError, HydraException, OmegaConfBaseException) as error:
        if full:
            raise
        print(f"priced: {_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        os.environ.pop(_FULL_ERROR) if not full else None
    return 0


def _run(cfg: DictConfig) -> float | None:
    """Run one composed config; Hydra's sweepers take the score that is returned."""
    check(cfg)
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    from priced.cli.show import show
    from priced.run import run

    job = HydraConfig.get()
    if job.mode == RunMode.MULTIRUN:
        cfg.folder = job.runtime.output_dir
    warnings.formatwarning = _plain
    entry = run(cfg, list(job.overrides.task))
    show(entry)
    score = entry.scores.get(cfg.target.metric)
    return score


def _plain(message: Warning | str, *args: Any) -> str:
    return f"warning: {message}\n"


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


def _line(error: BaseException) -> str:
    """Put an error in one line."""
    said = [str(error)]
    if isinstance(error.__cause__, OmegaConfBaseException):
        said.append(str(error.__cause__))
    return " ".join(" ".join(said).split())
