"""Words and files to a config: the one way, for the command line, Python, sweeps and reruns.

Called, it composes: see `compose`.
"""

from collections.abc import Sequence
from pathlib import Path

from priced.compose.config import Config
from priced.compose.request import Request, read_request, spell_flags
from priced.room import call_by_name

__all__ = ["Config", "Request", "compose", "read_request"]


def compose(*words: str, config_dir: str | Path | None = None, allow: Sequence[str] = ()) -> Config:
    """Return the config that a command line would run.

    Args:
        words: Hydra's overrides, as on the command line: `"model=mlp"`, `"optimizer.lr=0.01"`.
        config_dir: A folder of options of your own, beside ours.
        allow: Packages of your own whose classes the config may name; trusted from now on in this
            process.

    Returns:
        The config, checked. Nothing has been written, and torch is not loaded.

    Raises:
        HydraException: If the words do not compose.
        Refused: If the config cannot run.
        TypeError: If a word is no text.
        ValueError: If the words ask for a sweep.

    Example:
        >>> config = compose("model=mlp", "max_epochs=3")
        >>> config.max_epochs, config.model.width
        (3, 128)
    """
    for word in words:
        if not isinstance(word, str):
            kind = type(word).__name__
            raise TypeError(f'each word must be a text, such as "model=mlp", got {kind}')
    request = read_request([*spell_flags(config_dir, allow), *words])
    if request.multirun:
        raise ValueError("these words ask for a sweep: priced.sweep takes them")
    return request.compose()


call_by_name(__name__, __name__, "compose")
