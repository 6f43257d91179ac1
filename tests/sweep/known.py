"""A task whose score is a known function of its settings, and which misbehaves when told to.

Tests copy it beside their sweeps as a user's own module.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy
import torch
from lightning.pytorch import Callback
from torch import Tensor
from torch.nn import functional as F

from priced.task.base import Task


class Height(Task):
    """Score a hill with its top of 1 at x=0.3, y=0.7; training changes nothing."""

    METRICS: ClassVar[dict[str, tuple[str, str, str]]] = {
        "loss": ("min", "nats", "loss"),
        "height": ("max", "", "height"),
    }

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        schedule: Any,
        x: float = 0.0,
        y: float = 0.7,
        deed: str = "none",
        seconds: float = 0.0,
    ) -> None:
        super().__init__(model, optimizer, schedule)
        self.hill = 1 - (x - 0.3) ** 2 - (y - 0.7) ** 2
        self.deed = deed
        self.seconds = seconds

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(outputs, targets)

    def scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        time.sleep(self.seconds)
        return {"height": torch.tensor(float("nan") if self.deed == "lost" else self.hill)}

    def figures(self, outputs: Tensor, targets: Tensor) -> dict[str, Any]:
        return {}

    def on_validation_epoch_start(self) -> None:
        super().on_validation_epoch_start()
        if self.deed == "raise":
            raise ArithmeticError("no steam")
        if self.deed == "exit":
            sys.exit(3)
        if self.deed == "database":
            url = "postgresql+psycopg://me:canary@127.0.0.1:1/none"
            try:
                sqlalchemy.create_engine(url).connect()
            except sqlalchemy.exc.OperationalError as error:
                raise sqlalchemy.exc.OperationalError(url, None, error) from error
        if self.deed == "memory":
            bytearray(1 << 60)
        if self.deed == "kill_always":
            os.kill(os.getpid(), signal.SIGKILL)


class Rate(Callback):
    """Write the learning rate that each rank trains at."""

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        file = Path(trainer.default_root_dir) / f"rate-{trainer.global_rank}"
        file.write_text(repr(rate))
