"""A PyTorch Lightning experiment framework with Hydra configs that knows what every run costs."""

from importlib.metadata import version

__version__ = version("priced")
