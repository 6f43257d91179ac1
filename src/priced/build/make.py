"""Objects from nodes of a config. The only module that calls `instantiate`."""

from collections.abc import Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf

from priced.build.compatibility import in_one_line
from priced.check.target import check_targets, list_nodes, whitelist


def make(node: Mapping[Any, Any], key: str, **live: Any) -> Any:
    """Build one object; a mistake that a user can mend is told in one line.

    Objects that exist already never pass through Hydra: it makes the call, we add them to it. The
    node is resolved first, once, and held against the whitelist as it is then: an interpolation may
    say something else by now than when the config was checked.

    Args:
        node: Names its class and arguments.
        key: Where it stands in the config.
        live: Further arguments, by name.

    Raises:
        ValueError: If it cannot be built so.
    """
    plain: Any = (
        OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else dict(node)
    )
    check_targets({key: plain}, frozenset())
    try:
        allowed = (*whitelist(), *_homes(plain))
        call = instantiate(plain, _partial_=True, _convert_="all", _execution_whitelist_=allowed)
        return call if plain.get("_partial_") else call(**live)
    except InstantiationException as error:
        cause = error.__cause__ or error
        raise ValueError(f"{key}: {in_one_line(cause)}") from error
    except (ImportError, MisconfigurationException, TypeError) as error:
        raise ValueError(f"{key}: {in_one_line(error)}") from error


def _homes(node: Any) -> set[str]:
    """Return where the classes that a node names are really defined: Hydra asks for both."""
    objects = [get_object(inner["_target_"]) for _, inner in list_nodes(node)]
    return {f"{one.__module__}.{one.__qualname__}" for one in objects}
