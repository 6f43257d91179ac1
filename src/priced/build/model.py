"""The network, with the weights that it starts from."""

from typing import Any

from omegaconf import OmegaConf
from torch import nn

from priced.build.compatibility import in_one_line
from priced.build.lora import add_adapters
from priced.build.make import make
from priced.build.pretrained import take_pretrained
from priced.compose.config import Config

_OURS = ("pretrained", "strict", "lora")
"""Keys of the section that are no arguments of the network's class."""


def make_model(config: Config, starts: bool) -> nn.Module:
    """Build the network alone, with the weights and the adapters that it starts from.

    Args:
        config: The run's.
        starts: Whether it has no weights of its own run to go on with.

    Raises:
        ValueError: If it cannot be built.
    """
    options = {key: config.model.get(key) for key in _OURS}
    plain: Any = OmegaConf.to_container(config.model, resolve=True)
    own = OmegaConf.create({key: one for key, one in plain.items() if key not in options})
    model: nn.Module = make(own, "model")
    if options["pretrained"] is not None and (starts or options["lora"]):
        take_pretrained(model, options["pretrained"], options["strict"] is not False)
    if options["lora"]:
        try:
            add_adapters(model, **options["lora"])
        except TypeError as error:
            raise ValueError(f"model.lora: {in_one_line(error)}") from error
    return model
