"""Objects from nodes of a config. The only module that calls `instantiate`."""

from collections.abc import Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException

from priced.build.compatibility import in_one_line
from priced.check.target import whitelist


def make(node: Mapping[Any, Any], key: str, **live: Any) -> Any:
    """Build one object; a mistake that a user can mend is told in one line.

    Objects that exist already never pass through Hydra: it makes the call, we add them to it.

    Args:
        node: Names its class and arguments.
        key: Where it stands in the config.
        live: Further arguments, by name.

    Raises:
        ValueError: If it cannot be built so.
    """
    try:
        call = instantiate(node, _partial_=True, _convert_="all", _execution_whitelist_=whitelist())
        return call if node.get("_partial_") else call(**live)
    except InstantiationException as error:
        cause = error.__cause__ or error
        raise ValueError(f"{key}: {in_one_line(cause)}") from error
    except (ImportError, MisconfigurationException, TypeError) as error:
        raise ValueError(f"{key}: {in_one_line(error)}") from error
