"""Everything that can be held against a config before torch is loaded."""

from typing import Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError, MissingMandatoryValue, OmegaConfBaseException

from priced.check import environment  # noqa: F401  (who reads a variable is held from here on)
from priced.check.root import check_metrics, check_root
from priced.check.schema import OF_SWEEPS, SECTIONS
from priced.check.section import check_sections
from priced.check.target import check_targets


class Refused(ValueError):
    """A config that cannot run, said in one line; nothing has been written."""


def check(cfg: DictConfig) -> None:
    """Refuse a config that cannot run, before anything heavy is imported or written.

    Args:
        cfg: A composed config.

    Raises:
        Refused: Naming the key, what must hold and what was got.
    """
    try:
        _check(cfg)
    except ValueError as error:
        raise Refused(str(error)) from error


def _check(cfg: DictConfig) -> None:
    for section in SECTIONS:
        if section not in cfg:
            raise ValueError(f"the config has no {section}: pick one, {section}=<option>")
    try:
        plain = cast(
            dict[str, Any], OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
        )
    except MissingMandatoryValue as error:
        raise ValueError(f"{error.full_key} must be given: {error.full_key}=<value>") from error
    except InterpolationKeyError as error:
        wanted = str(error).split("'")[1]
        section, holder = str(error.full_key).partition(".")[0], wanted.partition(".")[0]
        raise ValueError(
            f"{error.full_key} takes {wanted}, which the {holder} picked has not: this {section} "
            f"and this {holder} do not go together"
        ) from error
    except OmegaConfBaseException as error:
        cause = error.__cause__ if isinstance(error.__cause__, ValueError) else error
        raise ValueError(str(cause).splitlines()[0]) from error
    check_root(plain)
    check_sections(plain)
    check_targets({section: plain[section] for section in SECTIONS}, pending_keys(cfg))
    search = {key: plain[key] for key in OF_SWEEPS if plain.get(key) is not None}
    check_targets(search, frozenset())
    check_metrics(plain)


def pending_keys(node: DictConfig, key: str = "") -> frozenset[str]:
    """Return the keys that interpolate something still unknown, such as the width of a CSV file."""
    found: set[str] = set()
    for name in node:
        assert isinstance(name, str)
        below = f"{key}.{name}" if key else name
        value = node._get_node(name)
        if OmegaConf.is_interpolation(node, name):
            found |= {below} if node[name] is None else set()
        elif isinstance(value, DictConfig) and not value._is_none():
            found |= pending_keys(value, below)
    return frozenset(found)
