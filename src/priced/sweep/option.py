"""The options that a sweep composes from: those of its start, whatever conf/ says today."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf, open_dict

from priced.check.leaves import leaves
from priced.check.redact import is_secret
from priced.sweep.space import Value, plain

_SUFFIXES = (".yaml", ".yml")
_EXPERIMENT = "experiment"
_MAIN, _OWN = "conf/main", "conf/own-{}"


LISTED = ("callback", "logger", "technique")
"""Groups of which several options are picked, or none."""


@dataclass(frozen=True)
class Options:
    """Folders of options.

    Attributes:
        main: The one with the primary config.
        own: A user's own, in the order of the search path.
    """

    main: Path
    own: tuple[Path, ...] = ()

    def compose(self, primary: str, words: tuple[str, ...]) -> DictConfig:
        """Return a config without Hydra's own part.

        Args:
            primary: The name of the primary config.
            words: Hydra's overrides.

        Raises:
            HydraException: If it does not compose.
        """
        return _without_hydra(self, primary, words).copy()

    def trial(
        self, primary: str, words: tuple[str, ...], picked: Mapping[str, Value]
    ) -> DictConfig:
        """Return the config in which these values are picked; only options are composed anew.

        Raises:
            HydraException: If it does not compose.
        """
        groups = self.choices(primary, words)
        chosen = tuple(f"{key}={value}" for key, value in picked.items() if key in groups)
        cfg = self.compose(primary, (*words, *chosen))
        with open_dict(cfg):
            for key, value in picked.items():
                if key not in groups:
                    OmegaConf.update(cfg, key, plain(value), force_add=True)
        return cfg

    def choices(self, primary: str, words: tuple[str, ...]) -> dict[str, Any]:
        """Return which option of each group is picked."""
        found = _compose(self, primary, words).hydra.runtime.choices
        picked = {str(key): found[key] for key in found if not str(key).startswith("hydra/")}
        # A group that takes a list and has none picked is not among Hydra's choices.
        return dict.fromkeys(LISTED, "[]") | picked


def freeze(folder: Path, options: Options) -> None:
    """Copy options into a sweep's folder; a file that has a secret written in it is only linked."""
    frozen = frozen_options(folder, len(options.own))
    stored: Any = ConfigStore.instance().repo.get(_EXPERIMENT, {})
    for name, node in stored.items():  # files that a command line named
        target = frozen.main / _EXPERIMENT / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("# @package _global_\n" + OmegaConf.to_yaml(node.node))
    for source, target in zip(
        (options.main, *options.own), (frozen.main, *frozen.own), strict=True
    ):
        shutil.copytree(source, target, copy_function=_copy, dirs_exist_ok=True, ignore=_no_options)


def frozen_options(folder: Path, own: int | None = None) -> Options:
    """Return the options that a sweep's folder keeps."""
    if own is None:
        own = len(list(folder.glob(_OWN.format("*"))))
    return Options(folder / _MAIN, tuple(folder / _OWN.format(k) for k in range(own)))


@lru_cache(maxsize=256)
def _without_hydra(options: Options, primary: str, words: tuple[str, ...]) -> DictConfig:
    cfg = _compose(options, primary, words)
    return OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != "hydra"])


@lru_cache(maxsize=256)
def _compose(options: Options, primary: str, words: tuple[str, ...]) -> DictConfig:
    search = ",".join(f"file://{folder}" for folder in options.own)
    extra = [f"hydra.searchpath=[{search}]"] if search else []
    outer = GlobalHydra.instance()
    running, outer.hydra = outer.hydra, None  # there is one at a time, and it runs this sweep
    try:
        with initialize_config_dir(str(options.main)):
            return compose(primary, [*words, *extra], return_hydra_config=True)
    finally:
        outer.hydra = running


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
