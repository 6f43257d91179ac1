"""Which variables of the environment a config may read.

A variable may hold a secret, and a config may come from anywhere: what reads one must be typed by
the user, or stand in the project's own conf/.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from priced.check.conf_dir import conf_dir
from priced.check.secret import remember

_READS = re.compile(r"oc\.env:\s*([A-Za-z_]\w*)")
_permitted: set[str] = set()


def permit(texts: Iterable[str]) -> None:
    """Let configs of this process read the variables that texts of the user's own name.

    Args:
        texts: Words of the command line, or a config that was checked already.
    """
    for text in texts:
        _permitted.update(_READS.findall(text))


def check_addresses(loggers: Mapping[str, Mapping[str, Any]], words: Iterable[str]) -> None:
    """Refuse to log to a server that a file from elsewhere names: what is logged would go there.

    Args:
        loggers: The nodes of the config, by name.
        words: What the user typed.

    Raises:
        ValueError: If an address stands in no word, nor in the project's conf/.
    """
    typed = {word.partition("=")[0].lstrip("+") for word in words}
    for name, node in loggers.items():
        for key, value in node.items():
            place = f"logger.{name}.{key}"
            if not str(value).startswith(("http://", "https://")) or place in typed:
                continue
            if not any(str(value) in text for text in _read_project()):
                raise ValueError(
                    f"{place} names a server, which only your own words or your project's conf/ "
                    f"may: type it again, {place}={value}"
                )


def _read_project() -> Iterator[str]:
    """Yield what the options of the user's own project say: of ours, and of ./conf."""
    for folder in (conf_dir(), Path("conf")):
        for file in folder.glob("**/*.yaml"):
            yield file.read_text("utf-8", "replace")


def _read(name: str, *default: Any) -> str | None:
    """Return a variable, as OmegaConf's own `oc.env` does, if it may be read."""
    if name not in _permitted and not any(name in _READS.findall(t) for t in _read_project()):
        raise ValueError(
            f"the config reads the environment's {name}, which only your own words or your "
            f"project's conf/ may: type the key again, KEY='${{oc.env:{name}}}'"
        )
    value: str | None = oc.env(name, *default)
    if name in os.environ:
        remember(value)
    return value


OmegaConf.register_resolver("oc.env", _read, replace=True, annotation_validation="off")
