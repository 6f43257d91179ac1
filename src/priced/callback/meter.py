"""What measures a run; always on."""

import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.utils.flop_counter import FlopCounterMode

from priced.callback.compiler import watch_compiler
from priced.callback.device import device_name, synchronize
from priced.callback.flops import count_flops
from priced.price.accelerator import utilisation
from priced.price.energy import Drawn, machine_energy
from priced.price.process import Process, cpu_seconds, peak_memory_bytes
from priced.price.usage import Stopwatch, Usage

FIT_PHASES = ("train_step", "data_wait", "compile")
"""What is on the train-only clock."""
BATCH_PHASES = ("train_step", "data_wait")
"""What a batch takes each time."""
PATIENCE_SECONDS = 5.0


class Meter(Callback):
    """Charge every second of the process to one phase; count steps, samples, FLOPs and joules.

    Phases: start_up, quote, compile, data_wait, train_step, validation, checkpoint, test, predict,
    other. On a GPU a step returns before its work is done: the phases are split where the device is
    waited for, once in each `log_every_n_steps` batches and where training ends.

    FLOPs are counted, forward and backward, on one real batch of each kind, and that many are taken
    for each sample of the others: a task tells its kinds apart by `step_kind`, and what is trained
    is another kind too. A batch that is counted runs uncompiled.

    Args:
        since: When what is measured began, by `priced.price.usage.clock`.
        cpu_since: How many processor seconds the process had used by then.
        drawn_before: What the machine had drawn by then; None: what it has by now.
        share: How much of the machine is used: its energy and its hours are charged by it.
    """

    def __init__(
        self,
        since: float,
        cpu_since: float = 0.0,
        drawn_before: Drawn | None = None,
        share: float = 1.0,
    ) -> None:
        self.stopwatch = Stopwatch("start_up", since)
        self.share = share
        self.flops = 0.0
        self.batches = 0
        self.validations = 0
        self.validation_batches = 0
        self.saves = 0
        self._flops_per_sample: dict[Hashable, float] = {}
        self._kind: Hashable = None
        self._trained = 0
        self._cpu_since = cpu_since
        self._energy = machine_energy(since)
        self._drawn_before = self._energy.measure_drawn() if drawn_before is None else drawn_before
        if torch.cuda.is_initialized():
            torch.cuda.reset_peak_memory_stats()
        self._first_step = 0
        self._samples = 0
        self._most_memory = 0
        self._counting: FlopCounterMode | None = None
        self._unwatch: Callable[[], None] | None = None

    @classmethod
    def of_process(cls, share: float = 1.0) -> "Meter":
        """Measure from where this process is not charged for yet: its start, or its last run."""
        since, cpu_since = Process.start()
        energy = machine_energy(since)
        between = energy.measure_drawn() - energy.charged
        return cls(since, cpu_since, energy.measure_drawn() - between * Process.busy_share, share)

    def charge(self) -> None:
        """Charge this process until now to the run that ends: the next one starts here."""
        Process.charge()
        self._energy.charged = self._energy.measure_drawn()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Wait for the first batch."""
        self._first_step = trainer.global_step
        self._first_batch = True
        self._unwatch = watch_compiler(self.phase)
        self.stopwatch.enter("data_wait")

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Start a step."""
        self.stopwatch.enter("train_step")
        if batch_idx == 0 or self._first_batch:
            own = (one.numel() for one in pl_module.parameters() if one.requires_grad)
            self._trained, self._first_batch = sum(own), False
        step_kind: Any = getattr(pl_module, "step_kind", None)
        shape = tuple(batch[0].shape[1:])
        self._kind = (self._trained, shape, step_kind(batch_idx) if step_kind else None)
        if self._kind not in self._flops_per_sample:
            self._count_flops()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the step and its samples; wait for the next batch."""
        if self._counting is not None:
            self._flops_per_sample[self._kind] = self._stop_counting() / len(batch[0])
        samples = len(batch[0]) * trainer.world_size
        self._samples += samples
        self.flops += samples * self._flops_per_sample[self._kind]
        self.batches += 1
        if self.batches % trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            synchronize(trainer.strategy.root_device)
        self.stopwatch.enter("data_wait")

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the train-only clock."""
        synchronize(trainer.strategy.root_device)
        self._stop_watching()
        self.stopwatch.enter("other")

    def on_validation_start(self, *args: Any) -> None:
        """Start validating."""
        self.stopwatch.enter("validation")

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Count the batches that training is validated on."""
        self.validation_batches += trainer.state.fn == "fit" and not trainer.sanity_checking

    def on_validation_end(self, trainer: Trainer, *args: Any) -> None:
        """Go back to what was done before."""
        self.validations += trainer.state.fn == "fit" and not trainer.sanity_checking
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

    def on_exception(self, *args: Any) -> None:
        """Leave the counter of FLOPs and the watch on compiling: they would go on."""
        if self._counting is not None:
            self._stop_counting()
        self._stop_watching()

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Charge what happens inside to a checkpoint, and count it."""
        with self.phase("checkpoint"):
            yield
        self.saves += 1

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Charge what happens inside to a phase, then go on with the one before."""
        before = self.stopwatch.enter(name)
        try:
            yield
        finally:
            self.stopwatch.enter(before)

    def watts(self) -> float:
        """Return what this machine draws, in watts, as last measured."""
        return self._energy.watts(PATIENCE_SECONDS)

    def measure_drawn(self) -> Drawn:
        """Return the energy that the share of this machine drew since the start."""
        return (self._energy.measure_drawn() - self._drawn_before) * self.share

    def usage(self, trainer: Trainer) -> Usage:
        """Return what has been used until now; nothing that runs is disturbed."""
        phases = self.stopwatch.seconds_by_phase()
        seconds = sum(phases.values())
        device = trainer.strategy.root_device
        fit_seconds = sum(phases.get(phase, 0.0) for phase in FIT_PHASES)
        machines = trainer.num_nodes * self.share
        drawn = self.measure_drawn()
        on_gpu = device.type == "cuda"
        data: Any = getattr(trainer, "datamodule", None)
        return Usage(
            seconds=seconds,
            fit_seconds=fit_seconds,
            seconds_by_phase=phases,
            cpu_seconds=cpu_seconds() - self._cpu_since,
            joules=drawn.joules * trainer.num_nodes,
            joules_estimated=drawn.estimated * trainer.num_nodes,
            flops=self.flops,
            steps=trainer.global_step - self._first_step if self._samples else 0,
            samples=self._samples,
            tokens=self._samples * getattr(data, "tokens_per_sample", 0),
            devices=trainer.world_size,
            device_seconds=seconds * trainer.world_size,
            device_name=device_name(device),
            nodes=trainer.num_nodes,
            share=self.share,
            machine_seconds=seconds * machines,
            fit_machine_seconds=fit_seconds * machines,
            batches=self.batches,
            validations=self.validations,
            validation_batches=self.validation_batches,
            mfu=utilisation(
                self.flops, fit_seconds * trainer.world_size, device_name(device), trainer.precision
            ),
            peak_memory_bytes=self._peak_memory(),
            peak_device_memory_bytes=torch.cuda.max_memory_allocated() if on_gpu else 0,
        )

    def _peak_memory(self) -> int:
        """Return the most that was ever seen: at the end the other ranks are gone."""
        self._most_memory = max(self._most_memory, peak_memory_bytes())
        return self._most_memory

    def _count_flops(self) -> None:
        if "torch._dynamo" in sys.modules:
            torch.compiler.set_stance("force_eager")
        self._counting = count_flops()
        self._counting.__enter__()

    def _stop_watching(self) -> None:
        unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            unwatch()

    def _stop_counting(self) -> float:
        assert self._counting is not None
        self._counting.__exit__(None, None, None)
        flops = float(self._counting.get_total_flops())
        self._counting = None
        if "torch._dynamo" in sys.modules:
            torch.compiler.set_stance("default")
        return flops
