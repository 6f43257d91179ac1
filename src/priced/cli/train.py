"""`priced train`: compose a config, hold it against what it may be, run it."""

import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from hydra import main as hydra_main
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from priced.check import Refused, check
from priced.check.root import open_key
from priced.check.signature import signature
from priced.check.target import ALLOW_VARIABLE, find_own_modules, whitelist
from priced.check.terminal import one_line, quieten
from priced.cli.conf import conf_dir
from priced.cli.experiment import store_experiment
from priced.cli.kept import keep_config
from priced.cli.price_cut import expand_cut
from priced.cli.quote import show_quote
from priced.cli.show import price_line, show
from priced.price.energy import machine_energy
from priced.price.ledger import entries
from priced.price.quote import Quote
from priced.price.runs import group_lives, merge_words
from priced.price.usage import Process
from priced.record.receipt import run_of

if TYPE_CHECKING:  # loaded once there is a sweep
    from priced.sweep.drive import Ended

_FULL_ERROR = "HYDRA_FULL_ERROR"
_NO_SEARCH = "listed"
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
        words, allowed = take_allowed(argv)
        name = keep_config(words)
        words = _spell_globs(words)
        cut = expand_cut(words, list(_experiment_files(words).values()))
        sweeps = _sweeps(words) or cut != words
        words = [*cut, *["--multirun"] * (sweeps and not {"-m", "--multirun"} & set(words))]
        words, typed = store_experiment(words)
    except ValueError as error:
        return refuse(error)
    return compose_and_run(words, name, [*allowed, *_own_folders(words)], typed)


def compose_and_run(
    words: list[str],
    name: str,
    before: Sequence[str] = (),
    typed: Mapping[str, str] | None = None,
) -> int:
    """Compose a config and run it; a mistake in it is said in one line.

    Args:
        words: Hydra's overrides and flags.
        name: The primary config.
        before: Words that it takes to make the run beside those, for the record.
        typed: How a word was typed that Hydra sees otherwise, for the record.

    Returns:
        0; 2 if the command cannot run, 1 if a run failed, 130 or 143 if it was stopped.
    """
    full = os.environ.get(_FULL_ERROR) == "1"
    os.environ[_FULL_ERROR] = "1"  # so that Hydra raises and the line is written here
    sys.argv = [sys.argv[0], *map(open_key, words)]
    compose = hydra_main(str(conf_dir()), name, execution_whitelist=whitelist())
    task = _Task(before, typed or {}, full)

    def run(cfg: DictConfig) -> None:  # Hydra takes nothing but a function
        task.run(cfg)

    run.task = task  # type: ignore[attr-defined]
    try:
        compose(run)()
    except (ValueError, HydraException, OmegaConfBaseException) as error:
        if full:
            raise
        return refuse(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        if not full:
            del os.environ[_FULL_ERROR]
    return task.end()


def refuse(error: Exception) -> int:
    """Say in one line why a command cannot run; return the exit code for that."""
    message = one_line(error)
    print(f"priced: {message}{_section_hint(message)}", file=sys.stderr)
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


class _Task:
    """What Hydra calls with a composed config, and what the sweeper tells of a sweep.

    Args:
        before: Words for the record.
        typed: Other spellings for the record.
        full: Whether errors are shown in full.
    """

    def __init__(self, before: Sequence[str], typed: Mapping[str, str], full: bool) -> None:
        self.full = full
        self.before = before
        self.typed = typed
        self.code = 0
        self.quoted_runs = 1
        self.ended: Ended | None = None

    def run(self, cfg: DictConfig) -> None:
        """Run one composed config and note the exit code."""
        try:
            self._run(cfg)
        except Refused as error:
            if self.full:
                raise
            self.code = refuse(error)  # or Hydra would have its own words first

    def _run(self, cfg: DictConfig) -> None:
        job = HydraConfig.get()
        search = job.runtime.choices.get("sweep")
        if search not in (None, _NO_SEARCH) and job.mode != RunMode.MULTIRUN:
            raise Refused(f"sweep={search} needs -m: python train.py -m sweep={search} ...")
        check(cfg)  # before torch is loaded
        machine_energy(Process.start()[0])  # finds the hardware while torch is loading
        from priced.callback.stop import Stopped
        from priced.run.group import run_all

        quieten()
        words = [word.removeprefix("++") for word in HydraConfig.get().overrides.task]
        words = [self.typed.get(word, word) for word in merge_words(self.before, words)]
        try:
            entry = run_all(cfg, words, self._show_quote if "quote" in cfg.stages else None)
        except Stopped as stopped:
            _say_stopped(cfg, stopped)
            self.code = stopped.exit_code
        except Refused:
            raise
        except Exception as error:
            traceback.print_exc()
            message = f"priced: the run failed: {one_line(error)}; it is kept in {cfg.folder}"
            print(message, file=sys.stderr)
            self.code = _FAILED
        else:
            show(entry, group_lives(entries(cfg.ledger, parent=entry.run)))

    def quote_sweep(self, cfg: DictConfig, runs: int) -> None:
        """Quote so many runs of a config, instead of making them."""
        self.quoted_runs = runs
        self.run(cfg)

    def end(self) -> int:
        """Say what came of a sweep, if there was one; return the exit code."""
        if self.ended is not None:
            from priced.cli.sweep import end_sweep

            return end_sweep(self.ended)
        return self.code

    def _show_quote(self, quote: Quote) -> None:
        show_quote(quote.times(self.quoted_runs))
        if self.quoted_runs > 1:
            print(f"for {self.quoted_runs} trials, none of them ended early")


def _say_stopped(cfg: DictConfig, stopped: BaseException) -> None:
    [entry] = entries(cfg.ledger, run_of(Path(cfg.folder)), limit=1)
    members = group_lives(entries(cfg.ledger, parent=entry.run))
    print(f"priced: {stopped}; {price_line(entry, members)}", file=sys.stderr)
    more = " and a larger budget" if "budget" in entry.status else ""
    print(f"go on with run={cfg.folder}{more}", file=sys.stderr)


def _sweeps(words: list[str]) -> bool:
    """Say whether an experiment is a multirun by itself; Hydra must be told beforehand.

    Raises:
        ValueError: If such an experiment stands among others: its own sweep would be lost.
    """
    files = _experiment_files(words)
    sweeping = [
        name
        for name, file in files.items()
        if OmegaConf.select(OmegaConf.load(file), "hydra.sweeper.params") is not None
    ]
    if sweeping and len(files) > 1:
        raise ValueError(
            f"experiment={sweeping[0]} sweeps by itself, and would not among {len(files)} of them: "
            "run it alone"
        )
    return bool(sweeping)


def _experiment_files(words: list[str]) -> dict[str, Path]:
    """Return the files of the experiments that a command line names."""
    folders = [root / "experiment" for root in _option_folders(words)]
    asked = [word.partition("=")[2] for word in words if word.startswith("experiment=")]
    inner = [re.fullmatch(r"choice\((.*)\)", one) for one in asked]
    spelt = [one[1] if one else word for one, word in zip(inner, asked, strict=True)]
    names = [name.strip() for one in spelt for name in one.split(",")]
    found = {name: folder / f"{name}.yaml" for folder in folders for name in names}
    return {name: file for name, file in found.items() if file.is_file()}


def _option_folders(words: list[str]) -> list[Path]:
    own = [Path(after) for word, after in pairwise(words) if word in ("--config-dir", "-cd")]
    own += [Path(word.partition("=")[2]) for word in words if word.startswith("--config-dir=")]
    return [conf_dir(), *own]


def _spell_globs(words: list[str]) -> list[str]:
    """Return words with the options that a pattern means in place of `glob(pattern)`.

    Raises:
        ValueError: If a pattern is none of a group's options, or means none of them.
    """
    found = []
    for word in words:
        key, _, value = word.partition("=")
        asked = re.fullmatch(r"glob\(\[?([^\[\]=]*)\]?\)", value)
        if asked is None and value.startswith("glob("):
            raise ValueError(f"{word}: glob takes a pattern, or a list of them: {key}=glob(a*)")
        if asked is not None:
            patterns = [one.strip() for one in asked[1].split(",")]
            files = [f for root in _option_folders(words) for f in (root / key).glob("*.yaml")]
            names = sorted({f.stem for f in files if any(fnmatch(f.stem, p) for p in patterns)})
            if not names:
                raise ValueError(f"{word} must mean options of a group, found none of {key}")
            word = f"{key}={','.join(names)}"
        found.append(word)
    return found


def _own_folders(words: list[str]) -> list[str]:
    """Return the folders of a user's own options, as words for the record."""
    return [
        f"--config-dir={after}"
        for word, after in pairwise(words)
        if word in ("--config-dir", "-cd")
    ]


def take_allowed(argv: list[str]) -> tuple[list[str], list[str]]:
    """Part `--allow PACKAGE` from the words that are Hydra's; return both."""
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
    find_own_modules()
    return words, [f"--allow={package}" for package in allowed]
