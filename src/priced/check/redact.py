"""No secret reaches a file or a dashboard."""

import re
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from priced.check.secret import MASK, SECRET_LENGTH, hide, is_secret, spell_secret


def redact_config(cfg: DictConfig) -> dict[str, Any]:
    """Return a config as plain data, interpolations resolved, secrets masked.

    Masked are the values of keys that look like secrets, what comes from the environment
    (`oc.env`), wherever it ends up if it is long enough to be a secret, and passwords in addresses.
    """
    plain: Any = OmegaConf.to_container(cfg, resolve=True)
    for path, _ in _from_environment(cfg):
        reduce(getitem, path[:-1], plain)[path[-1]] = MASK
    shown: dict[str, Any] = _mask(plain, _environment_values(cfg))
    return shown


def redact_source(cfg: DictConfig) -> DictConfig:
    """Return a copy of a config, interpolations kept, the secrets written in it masked."""
    plain = OmegaConf.to_container(cfg, resolve=False)
    copy = OmegaConf.create(_mask(plain, _environment_values(cfg)))
    assert isinstance(copy, DictConfig)
    return copy


def redact(value: Any, cfg: DictConfig) -> Any:
    """Return plain data with the secrets of a config masked in it."""
    return _mask(value, _environment_values(cfg))


def redact_overrides(overrides: list[str], cfg: DictConfig) -> list[str]:
    """Return a command line's overrides, secrets masked."""
    secrets = _environment_values(cfg)
    return [_hide(redact_word(one), secrets) for one in overrides]


def redact_word(word: str) -> str:
    """Return a word of a command line without the secret that it gives.

    Example:
        >>> redact_word("logger.wandb.api_key=abc"), redact_word("url=http://me:pass@host")
        ('logger.wandb.api_key=***', 'url=http://me:***@host')
        >>> redact_word("+logger.mine={token:abc,name:x}")
        '+logger.mine={token:***,name:x}'
    """
    key, _, value = word.partition("=")
    if is_secret(key):
        return f"{key}={MASK}"
    return redact_text(f"{key}={_INNER.sub(_mask_pair, value)}" if "{" in value else word)


_INNER = re.compile(r"([\w.-]{1,100})([\"']?\s{0,3}:\s{0,3})(?!\s|[{\[])([^,}\]]{1,2000})")
"""A key and its value in a dictionary on the command line."""


def _mask_pair(pair: re.Match[str]) -> str:
    return f"{pair[1]}{pair[2]}{MASK}" if is_secret(pair[1]) else pair[0]


def redact_text(text: str) -> str:
    """Return a text without the passwords of the addresses in it.

    Example:
        >>> redact_text("postgresql://me:pass@host/name")
        'postgresql://me:***@host/name'
    """
    return _hide(text, set())


def _mask(value: Any, secrets: set[str], key: str = "") -> Any:
    if value is not None and is_secret(key.rpartition(".")[2]) and not _is_interpolation(value):
        return MASK
    if isinstance(value, dict):
        return {
            k: _mask(inner, secrets, f"{key}.{k}" if key else str(k)) for k, inner in value.items()
        }
    if isinstance(value, list):
        return [_mask(inner, secrets, key) for inner in value]
    if isinstance(value, str):
        return _hide(value, secrets)
    return value


def _hide(text: str, secrets: set[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return hide(text)


def _is_interpolation(value: object) -> bool:
    return isinstance(value, str) and value.startswith("${") and value.endswith("}")


def _environment_values(cfg: DictConfig) -> set[str]:
    """Return the values from the environment that are long enough to be secrets, as spelled."""
    values = {str(value) for _, value in _from_environment(cfg)}
    known = {value for value in values if len(value) >= SECRET_LENGTH}
    return set().union(*(spell_secret(value) for value in known))


def _from_environment(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield where a config takes a value from the environment, as (path of keys, value)."""
    for name in range(len(node)) if isinstance(node, ListConfig) else list(node):
        raw = node._get_node(name)
        if OmegaConf.is_interpolation(node, name):
            if "oc.env" in str(raw._value()):
                yield (*path, name), node[name]
        elif isinstance(raw, DictConfig | ListConfig) and raw._value() is not None:
            yield from _from_environment(raw, (*path, name))
