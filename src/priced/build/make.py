"""Objects from nodes of a config. The only module that calls `instantiate`."""

from collections.abc import Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf

from priced.build.compatibility import in_one_line
from priced.check.target import check_targets, whitelist


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
        call = instantiate(
            plain, _partial_=True, _convert_="all", _execution_whitelist_=whitelist()
        )
        return call if plain.get("_partial_") else call(**live)
    except InstantiationException as error:
        cause = error.__cause__ or error
        raise ValueError(f"{key}: {in_one_line(cause)}") from error
    except (ImportError, MisconfigurationException, TypeError) as error:
        raise ValueError(f"{key}: {in_one_line(error)}") from error
