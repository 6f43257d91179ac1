"""A run goes on with the config that it kept, not with what conf/ says today."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from priced.check.conf_dir import conf_dir
from priced.check.schema import SECTIONS
from priced.compose.words import value_of
from priced.record.find import find_folder
from priced.record.folder import CONFIG

NAME = "config"
KEPT = "kept"
_OF_THIS_MACHINE = ("ledger", "logs")


def keep_config(words: Sequence[str]) -> str:
    """Return the name of the config to compose: ours, or the one that `run=` names a folder of.

    The kept config is put in Hydra's store, each group as an option of that group, so that the
    command line may override a key of it or pick another option, as ever.

    Args:
        words: The command line.

    Raises:
        ValueError: If there is no such run, or its config cannot be read.
    """
    run = value_of(words, "run")
    if run in (None, "", "null"):
        return NAME
    assert run is not None
    folder = find_folder(run.strip("'\""), Path(value_of(words, "logs") or "logs"))
    return store(folder)


def store(folder: Path) -> str:
    """Put a run's kept config in Hydra's store; return the name that it has there.

    Raises:
        ValueError: If it cannot be read.
    """
    try:
        cfg = OmegaConf.load(folder / CONFIG)
    except (OSError, YAMLError, OmegaConfBaseException) as error:
        raise ValueError(f"{folder / CONFIG} must be a readable config: {error}") from error
    if not isinstance(cfg, DictConfig) or any(section not in cfg for section in SECTIONS):
        raise ValueError(f"{folder / CONFIG} must be the config of a run")
    primary = OmegaConf.to_container(OmegaConf.load(conf_dir() / f"{NAME}.yaml"), resolve=False)
    plain = OmegaConf.to_container(cfg, resolve=False)
    assert isinstance(primary, dict)
    assert isinstance(plain, dict)
    shelf = ConfigStore.instance()
    for section in SECTIONS:
        node = _without_defaults(plain.pop(section))
        shelf.store(group=section, name=KEPT, node=node, provider="priced", replace=True)
    ours = [one for one in primary["defaults"] if any("hydra/" in str(key) for key in one)]
    # A config kept by an older version lacks the knobs that came since.
    plain = _without_defaults(primary) | _without_defaults(plain)
    # In the order of our own: an option of one group may bring its own of those before it.
    known = [str(key) for one in primary["defaults"] if isinstance(one, dict) for key in one]
    ordered = sorted(SECTIONS, key=known.index)
    defaults = ["_self_", *({section: KEPT} for section in ordered), *ours]
    today = {key: primary[key] for key in (*_OF_THIS_MACHINE, "hydra")}
    shelf.store(
        name=KEPT, node={"defaults": defaults, **plain, **today}, provider="priced", replace=True
    )
    return KEPT


def _without_defaults(node: Any) -> Any:
    """Return a node without its list of defaults: a kept config picks no options, it has them."""
    if not isinstance(node, dict):
        return node
    return {key: value for key, value in node.items() if key != "defaults"}
