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

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from priced.api import ledger as ledger
    from priced.api import quote as quote
    from priced.api import sweep as sweep
    from priced.compose import compose as compose
    from priced.run.group import run_all as run
    from priced.run.load import load as load

_PUBLIC = {
    "compose": ("priced.compose", "compose"),
    "run": ("priced.run.group", "run_all"),
    "quote": ("priced.api", "quote"),
    "sweep": ("priced.api", "sweep"),
    "load": ("priced.run.load", "load"),
    "ledger": ("priced.api", "ledger"),
}
__all__ = ["__version__", "compose", "ledger", "load", "quote", "run", "sweep"]


def _lazy(module: str, name: str) -> property:
    """Return an attribute that is imported when it is asked for.

    Some functions have the name of the room that they come from. Python sets a room on its package
    once it is imported: the function stays what the name means.
    """
    return property(lambda self: getattr(import_module(module), name), lambda self, value: None)


class _Package(ModuleType):
    @property
    def __version__(self) -> str:
        from importlib.metadata import version

        return version("priced")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *__all__]


for _name, _place in _PUBLIC.items():
    setattr(_Package, _name, _lazy(*_place))
sys.modules[__name__].__class__ = _Package
