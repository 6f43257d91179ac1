"""A PyTorch Lightning experiment framework with Hydra configs that knows what every run costs.

Example:
    >>> import priced
    >>> from tempfile import mkdtemp
    >>> words = ("max_epochs=1", "logger=none", "callback=[checkpoint]", f"logs={mkdtemp()}")
    >>> config = priced.compose("model=mlp", *words)
    >>> priced.quote(config).usd > 0
    True
    >>> entry = priced.run(config)
    >>> entry.status, entry.usd > 0, round(entry.scores["test/accuracy"], 1)
    ('done', True, 0.9)
    >>> priced.load(entry.run, config.logs).predict().column_names[:2]
    ['example', 'prediction']
    >>> priced.sweep("optimizer.lr=0.1,0.001", *words).best.params
    {'optimizer.lr': 0.001}
    >>> priced.ledger(config.ledger)["sweep"].to_pylist().count("")
    1
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from priced.api import quote as quote
    from priced.api import run as run
    from priced.api import sweep as sweep
    from priced.compose import compose as compose
    from priced.report.frame import ledger as ledger
    from priced.run.load import load as load

    __version__: str

_FUNCTIONS = {
    "quote": ("priced.api", "quote"),
    "ledger": ("priced.report.frame", "ledger"),
    "load": ("priced.run.load", "load"),
}
_ROOMS = ("compose", "run", "sweep")
"""Rooms that are functions too, see `priced.room`."""
__all__ = ["__version__", "compose", "ledger", "load", "quote", "run", "sweep"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: `import priced` loads nothing heavy."""
    if name in _ROOMS:
        return import_module(f"priced.{name}")
    if name in _FUNCTIONS:
        module, function = _FUNCTIONS[name]
        return getattr(import_module(module), function)
    if name == "__version__":
        from importlib.metadata import version

        return version("priced")
    raise AttributeError(f"module 'priced' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, imported or not."""
    return sorted(__all__)
