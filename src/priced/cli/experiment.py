"""An experiment that is a file anywhere, such as the best trial of a sweep."""

from pathlib import Path

from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

GROUP = "experiment"
PROVIDER = "priced"
_SUFFIXES = (".yaml", ".yml")


def store_experiment(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Let `experiment=<file>` be composed like an option of ours.

    Args:
        words: The command line.

    Returns:
        The words for Hydra, and by which word each one that was changed had been typed.

    Raises:
        ValueError: If the file cannot be read.
    """
    typed: dict[str, str] = {}
    for position, word in enumerate(words):
        key, _, value = word.partition("=")
        if key.lstrip("+") != GROUP or not value.endswith(_SUFFIXES):
            continue
        file = Path(value)
        name = f"{file.absolute().parent.name}-{file.stem}"
        _store(file, name)
        words = [*words[:position], f"{key}={name}", *words[position + 1 :]]
        typed[f"{key}={name}"] = word
    return words, typed


def _store(file: Path, name: str) -> None:
    try:
        node = OmegaConf.load(file)
    except (OSError, YAMLError, OmegaConfBaseException) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"experiment must be an option or a readable file: {reason}") from error
    ConfigStore.instance().store(
        group=GROUP, name=name, node=node, package="_global_", provider=PROVIDER
    )
