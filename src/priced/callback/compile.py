"""What compiles the network."""

from typing import Literal

from lightning.pytorch import Callback, LightningModule, Trainer


class Compile(Callback):
    """Compile the network in place with `torch.compile` before it is trained.

    The first training step runs as it is, so that its operations can be counted. What compiling
    takes is a phase of its own.

    Args:
        mode: How hard the compiler tries.
    """

    def __init__(
        self, mode: Literal["default", "reduce-overhead", "max-autotune"] = "default"
    ) -> None:
        self.mode = mode

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compile; the work itself is done when the network is first called."""
        pl_module.get_submodule("model").compile(mode=self.mode)
