"""From a config to live objects. `make` alone calls `instantiate`."""

from priced.build.build import build
from priced.build.components import Components
from priced.build.make import make
from priced.build.start import Place, Start

__all__ = ["Components", "Place", "Start", "build", "make"]
