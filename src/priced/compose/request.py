"""What a command line asks for: words, where their options are, and what it takes to trust."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from priced.check import Refused
from priced.check.conf_dir import conf_dir
from priced.check.environment import check_addresses, permit
from priced.check.schema import SECTIONS, SINGLE
from priced.check.secret import is_secret, remember
from priced.check.suggestion import suggest
from priced.check.target import ALLOW_VARIABLE, find_own_modules
from priced.compose.config import Config
from priced.compose.experiment import find_experiments, store_experiments, sweeps_itself
from priced.compose.kept import keep_config, store
from priced.compose.option import Options, without_hydra
from priced.compose.price_cut import expand_cut
from priced.compose.words import key_of, open_key, spell_globs
from priced.record.runs import merge_words

_NO_SEARCH = "listed"
_OF_HYDRA = ("hydra/launcher", "hydra.launcher", "hydra.verbose")
"""What of Hydra's own a command line may set: how the workers of a sweep are started."""
_ELSEWHERE = {
    "hydra/sweeper": "sweep=<option> picks how to sweep",
    "hydra.sweep.dir": "sweep.name=<name> says where a sweep keeps its files",
    "hydra.run.dir": "folder=<folder> says where a run keeps its files",
    "hydra.searchpath": "--config-dir=<folder> adds options",
    "hydra.mode": "-m sweeps",
}


@dataclass(frozen=True)
class Request:
    """What a command line asks for.

    Attributes:
        primary: The name of the config that is composed: ours, or that of a kept run.
        words: Overrides in Hydra's grammar, without those of Hydra's own part.
        hydra: Those of Hydra's own part.
        options: What they are composed from.
        multirun: Whether it is a sweep.
        before: Words that it takes to make the run beside these, for the record.
        typed: By which word a word had been typed that Hydra sees otherwise.
        undone: What to say of words that a later one undoes.
    """

    primary: str
    words: tuple[str, ...]
    hydra: tuple[str, ...]
    options: Options
    multirun: bool = False
    before: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    undone: tuple[str, ...] = ()

    def compose(self) -> Config:
        """Return the config.

        Raises:
            HydraException: If it does not compose.
            Refused: If it cannot run.
        """
        tree = self.options.compose(self.primary, self.words)
        search = tree.hydra.runtime.choices.get("sweep")
        if search not in (None, _NO_SEARCH):
            raise Refused(f"sweep={search} needs -m: python train.py -m sweep={search} ...")
        if asked := [word for word in self.words if key_of(word).startswith("sweep.")]:
            raise Refused(f"{asked[0].lstrip('+')} needs -m: a run alone sweeps nothing")
        config = Config.of(without_hydra(tree), self.record)
        try:
            check_addresses(config.logger or {}, self.record)
        except ValueError as error:
            raise Refused(str(error)) from error
        return config

    @property
    def record(self) -> list[str]:
        """Return the words by which the run can be made again."""
        own = [self.typed.get(word, word.removeprefix("++")) for word in self.words]
        return merge_words(self.before, own)


def read_request(
    argv: Sequence[str], kept: Path | None = None, before: Sequence[str] = ()
) -> Request:
    """Read a command line.

    `--allow` has its effect at once and for the whole process: it is taken before any config is.

    Args:
        argv: Hydra's overrides and the flags `-m`, `--config-dir` and `--allow`.
        kept: The folder of a run whose config is taken for a new one, in place of ours.
        before: The words that made that run, for the record.

    Raises:
        ValueError: If a flag or a word is none that a run or a sweep takes.
    """
    flags = _read_flags(argv)
    permit(flags.words)
    for word in flags.words:
        if is_secret(key_of(word)):
            remember(word.partition("=")[2].strip("'\""))
    allow([package for one in flags.allow for package in one.split(",")])
    for folder in flags.config_dir:
        if not folder or not Path(folder).is_dir():
            raise ValueError(f"--config-dir must be a folder of options, got {folder}")
    options = Options(conf_dir(), tuple(Path(one) for one in flags.config_dir))
    undone = _check_words(flags.words)
    words = spell_globs(flags.words, options.folders)
    primary = keep_config(words) if kept is None else store(kept)
    experiments = find_experiments(words, options.folders)
    cut = expand_cut(words, list(experiments.values()))
    multirun = flags.multirun or sweeps_itself(experiments) or cut != words
    spelled, typed = store_experiments(cut)
    own, hydra = _part(spelled)
    trusted = [f"--allow={one}" for one in flags.allow]
    trusted += [f"--config-dir={one}" for one in flags.config_dir]
    return Request(primary, own, hydra, options, multirun, (*before, *trusted), typed, undone)


def _check_words(words: Sequence[str]) -> tuple[str, ...]:
    """Refuse words that name nothing; return what to say of those that a later one undoes.

    Raises:
        ValueError: Naming the word.
    """
    last: dict[str, str] = {}
    undone = []
    if {"run", "folder"} <= {word.partition("=")[0] for word in words}:
        raise ValueError("folder= cannot go with run=: a run keeps the folder that it has")
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in ("run", "folder") and not value.strip("'\" "):
            raise ValueError(f"{key}= must name a folder, got nothing: leave it out")
        if key.lstrip("~") in SINGLE and (key.startswith("~") or value.startswith("[")):
            group = key.lstrip("~")
            raise ValueError(f"{word} must name one option, as a run has one: {group}=<option>")
        if equals and key in SECTIONS and not value.strip("'\" "):
            raise ValueError(f"{key}= must name an option, got nothing: {key}=<option>")
        if key_of(word).startswith("hydra.launcher.") and "_target_" in key:
            raise ValueError(f"{key} cannot be set: hydra/launcher=<option> picks one")
        if equals and key in last and last[key] != word:
            undone.append(f"{last[key]} has no effect: {word} comes after it")
        last[key] = word
    return tuple(undone)


def spell_flags(config_dir: str | Path | None, packages: Sequence[str]) -> list[str]:
    """Return a folder of options and trusted packages as a command line has them."""
    folder = [f"--config-dir={config_dir}"] if config_dir is not None else []
    return [*folder, *(f"--allow={one}" for one in packages)]


def allow(packages: Sequence[str]) -> None:
    """Trust packages of the user's own: a config may name their classes from now on.

    Raises:
        ValueError: If one is no name of a package.
    """
    for one in packages:
        if not all(part.isidentifier() for part in one.removesuffix(".*").split(".")):
            raise ValueError(f"--allow must name a package, such as mypackage, got {one!r}")
    known = os.environ.get(ALLOW_VARIABLE, "").replace(",", " ").split()
    if new := [one for one in packages if one and one not in known]:
        os.environ[ALLOW_VARIABLE] = ",".join([*known, *new])
    find_own_modules()


class _Flags(argparse.Namespace):
    words: list[str]
    multirun: bool
    allow: list[str]
    config_dir: list[str]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _read_flags(argv: Sequence[str]) -> _Flags:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", "--multirun", action="store_true")
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("-cd", "--config-dir", action="append", default=[])
    flags, rest = parser.parse_known_args(argv, _Flags())
    shows = ("--help", "--cfg", "--info")
    known = ("--multirun", "--allow", "--config-dir", *shows)
    for word in rest:
        if word in shows:
            raise ValueError(f"{word} shows something and composes nothing: python train.py {word}")
        if word.startswith("-"):
            raise ValueError(f"{word} is no flag of priced train{suggest(word, known)}")
    flags.words = rest
    return flags


def _part(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part the words of Hydra's own section from the others, spelled for Hydra."""
    own, hydra = [], []
    for word in words:
        key = key_of(word)
        if not key.startswith(("hydra.", "hydra/")):
            own.append(open_key(word))
        elif key.startswith(_OF_HYDRA):
            hydra.append(word)
        else:
            hint = next((way for key_, way in _ELSEWHERE.items() if key.startswith(key_)), "")
            raise ValueError(
                f"{key} would have no effect: of Hydra's own part a command line sets the launcher"
                + (f"; {hint}" if hint else "")
            )
    return tuple(own), tuple(hydra)
