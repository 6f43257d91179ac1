"""Experiments of a command line: options of a group, or files anywhere."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from priced.compose.words import key_of

GROUP = "experiment"
PROVIDER = "priced"
_SUFFIXES = (".yaml", ".yml")


def find_experiments(words: Sequence[str], folders: Sequence[Path]) -> dict[str, Path]:
    """Return the files of the experiments that words name, those that exist.

    Args:
        words: A command line's.
        folders: Where groups of options are.
    """
    asked = [word.partition("=")[2] for word in words if word.startswith(f"{GROUP}=")]
    inner = [re.fullmatch(r"choice\((.*)\)", one) for one in asked]
    spelt = [one[1] if one else word for one, word in zip(inner, asked, strict=True)]
    names = [name.strip() for one in spelt for name in one.split(",")]
    files = [(name, root / GROUP / f"{name}.yaml") for root in folders for name in names]
    return {name: file for name, file in files if file.is_file()}


def sweeps_itself(files: Mapping[str, Path]) -> bool:
    """Say whether an experiment is a sweep by itself.

    Args:
        files: Of experiments, by name.

    Raises:
        ValueError: If such an experiment stands among others: its own sweep would be lost.
    """
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


def store_experiments(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Let `experiment=<file>` be composed like an option of ours.

    Args:
        words: A command line's.

    Returns:
        The words for Hydra, and by which word each one that was changed had been typed.

    Raises:
        ValueError: If a file cannot be read.
    """
    typed: dict[str, str] = {}
    found = []
    for word in words:
        file = Path(word.partition("=")[2])
        if key_of(word) == GROUP and file.suffix in _SUFFIXES:
            name = f"{file.absolute().parent.name}-{file.stem}"
            _store(file, name)
            spelled = f"{word.partition('=')[0]}={name}"
            typed[spelled] = word
            word = spelled
        found.append(word)
    return found, typed


def _store(file: Path, name: str) -> None:
    try:
        node = OmegaConf.load(file)
    except (OSError, YAMLError, OmegaConfBaseException) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"experiment must be an option or a readable file: {reason}") from error
    ConfigStore.instance().store(
        group=GROUP, name=name, node=node, package="_global_", provider=PROVIDER
    )
