"""What measures a run; always on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from priced.price.usage import Stopwatch, Usage, peak_memory_bytes


class Meter(Callback):
    """Charge every second of the process to one phase, and count steps and samples.

    Phases: start_up, data_wait, train_step, validation, checkpoint, test, predict, other.
    """

    def __init__(self) -> None:
        self.stopwatch = Stopwatch("start_up")
        self._first_step = 0
        self._samples = 0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Wait for the first batch."""
        self._first_step = trainer.global_step
        self.stopwatch.enter("data_wait")

    def on_train_batch_start(self, *args: Any) -> None:
        """Start a step."""
        self.stopwatch.enter("train_step")

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the step and its samples; wait for the next batch."""
        self._samples += len(batch[0]) * trainer.world_size
        self.stopwatch.enter("data_wait")

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the train-only clock."""
        self.stopwatch.enter("other")

    def on_validation_start(self, *args: Any) -> None:
        """Start validating."""
        self.stopwatch.enter("validation")

    def on_validation_end(self, trainer: Trainer, *args: Any) -> None:
        """Go back to what was done before."""
        self.stopwatch.enter("data_wait" if trainer.state.fn == "fit" else "other")

    def on_test_start(self, *args: Any) -> None:
        """Start testing."""
        self.stopwatch.enter("test")

    def on_test_end(self, *args: Any) -> None:
        """Stop testing."""
        self.stopwatch.enter("other")

    def on_predict_start(self, *args: Any) -> None:
        """Start predicting."""
        self.stopwatch.enter("predict")

    def on_predict_end(self, *args: Any) -> None:
        """Stop predicting."""
        self.stopwatch.enter("other")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Charge what happens inside to a phase, then go on with the one before."""
        before = self.stopwatch.enter(name)
        try:
            yield
        finally:
            self.stopwatch.enter(before)

    def usage(self, trainer: Trainer) -> Usage:
        """Return what has been used since the process started."""
        seconds, cpu_seconds = self.stopwatch.read()
        phases = self.stopwatch.seconds_by_phase
        device = trainer.strategy.root_device
        on_gpu = device.type == "cuda"
        return Usage(
            seconds=seconds,
            fit_seconds=phases.get("train_step", 0.0) + phases.get("data_wait", 0.0),
            seconds_by_phase=dict(phases),
            cpu_seconds=cpu_seconds,
            steps=trainer.global_step - self._first_step if self._samples else 0,
            samples=self._samples,
            devices=trainer.world_size,
            device_name=device_name(device),
            nodes=trainer.num_nodes,
            peak_memory_bytes=peak_memory_bytes(),
            peak_device_memory_bytes=torch.cuda.max_memory_allocated() if on_gpu else 0,
        )


def device_name(device: torch.device) -> str:
    """Return what a device calls itself."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return processor_name() if device.type == "cpu" else device.type


def processor_name() -> str:
    """Return what the host's processor calls itself."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = (
                line.partition(":")[2].strip() for line in lines if line.startswith("model name")
            )
            return next(named, "cpu")
    except OSError:
        return "cpu"
