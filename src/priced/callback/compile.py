"""What compiles the network."""

from contextlib import ExitStack
from typing import Any, Literal

import torch
from lightning.pytorch import Callback, LightningModule, Trainer


class Compile(Callback):
    """Compile the network in place with `torch.compile` before it is trained.

    The first training step runs as it is, so that its operations can be counted. What compiling
    takes is a phase of its own.

    Args:
        mode: How hard the compiler tries.
        cold: Whether nothing that was compiled before is used, here or on disk.
    """

    def __init__(
        self,
        mode: Literal["default", "reduce-overhead", "max-autotune"] = "default",
        cold: bool = False,
    ) -> None:
        self.mode = mode
        self.cold = cold
        self._fresh = ExitStack()

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compile; the work itself is done when the network is first called."""
        if self.cold:
            from torch._inductor.utils import fresh_cache

            torch.compiler.reset()
            self._fresh.enter_context(fresh_cache())
        pl_module.get_submodule("model").compile(mode=self.mode)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let go of what was compiled for this run alone."""
        self._fresh.close()

    def on_exception(self, *args: Any) -> None:
        """Let go of it then too."""
        self._fresh.close()
