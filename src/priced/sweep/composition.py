"""What a sweep's configs are composed from: the options of its start, whatever conf/ says today."""

import os
import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from priced.check.leaves import leaves
from priced.check.secret import is_secret
from priced.compose.config import Config
from priced.compose.experiment import GROUP
from priced.compose.option import Options, without_hydra
from priced.sweep.space import Value, plain

_SUFFIXES = (".yaml", ".yml")
_MAIN, _OWN = "conf/main", "conf/own-{}"
LISTED = ("callback", "logger", "technique")
"""Groups of which several options are picked, or none."""


def compose_base(options: Options, primary: str, words: tuple[str, ...]) -> Config:
    """Return the config of some words.

    Raises:
        HydraException: If it does not compose.
        Refused: If it cannot run.
    """
    return Config.of(without_hydra(_compose(options, primary, words)))


def compose_trial(
    options: Options, primary: str, words: tuple[str, ...], picked: Mapping[str, Value]
) -> Config:
    """Return the config in which these values are picked; only options are composed anew.

    Raises:
        HydraException: If it does not compose.
        Refused: If it cannot run.
    """
    groups = read_choices(options, primary, words)
    chosen = tuple(f"{key}={value}" for key, value in picked.items() if key in groups)
    tree = without_hydra(_compose(options, primary, (*words, *chosen)))
    for key, value in picked.items():
        if key not in groups:
            OmegaConf.update(tree, key, plain(value), force_add=True)
    return Config.of(tree)


def read_choices(options: Options, primary: str, words: tuple[str, ...]) -> dict[str, Any]:
    """Return which option of each group is picked."""
    found = _compose(options, primary, words).hydra.runtime.choices
    picked = {str(key): found[key] for key in found if not str(key).startswith("hydra/")}
    # A group that takes a list and has none picked is not among Hydra's choices.
    return dict.fromkeys(LISTED, "[]") | picked


def freeze(folder: Path, options: Options) -> None:
    """Copy options into a sweep's folder; a file that has a secret written in it is only linked."""
    frozen = frozen_options(folder, len(options.own))
    stored: Any = ConfigStore.instance().repo.get(GROUP, {})
    for name, node in stored.items():  # files that a command line named
        target = frozen.main / GROUP / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("# @package _global_\n" + OmegaConf.to_yaml(node.node))
    for source, target in zip(options.folders, frozen.folders, strict=True):
        shutil.copytree(source, target, copy_function=_copy, dirs_exist_ok=True, ignore=_no_options)


def frozen_options(folder: Path, own: int | None = None) -> Options:
    """Return the options that a sweep's folder keeps."""
    if own is None:
        own = len(list(folder.glob(_OWN.format("*"))))
    return Options(folder / _MAIN, tuple(folder / _OWN.format(k) for k in range(own)))


@lru_cache(maxsize=256)
def _compose(options: Options, primary: str, words: tuple[str, ...]) -> DictConfig:
    return options.compose(primary, words)


def _no_options(folder: str, names: list[str]) -> set[str]:
    """Return what in a folder is neither an option nor a group: a project may stand around it."""
    here = Path(folder)
    files = {n for n in names if (here / n).is_file() and not n.endswith(_SUFFIXES)}
    hidden = {n for n in names if n.startswith((".", "_"))}
    own = {n for n in names if (here / n / "sweeps").is_dir() or (here / n / "runs").is_dir()}
    return files | hidden | own


def _copy(source: str, target: str) -> None:
    if _has_secret(Path(source)):
        if not os.path.lexists(target):
            os.symlink(os.path.abspath(source), target)
    else:
        shutil.copyfile(source, target)


def _has_secret(file: Path) -> bool:
    try:
        tree = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
    except Exception:  # whatever it is, it is no option: composing will say so
        return False
    return any(
        is_secret(key) and value is not None and not str(value).startswith("${")
        for key, value in leaves(tree).items()
    )
