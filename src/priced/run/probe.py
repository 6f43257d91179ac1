"""A few steps of the real thing, timed."""

from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from omegaconf import DictConfig
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from priced.build import Components
from priced.callback.device import synchronize
from priced.callback.meter import FIT_PHASES
from priced.check.schema import LIMITS
from priced.compose.config import Config

WARM_UP_STEPS = 3
BLOCK_SECONDS = 0.2
PROBE_SECONDS = 4.0
EVALUATION_BATCHES = 50
_SILENT = ("Progress", "EarlyStop", "EarlyStopping")
_LOGGERS = ("TensorBoardLogger", "CSVLogger")


class Probe(Callback):
    """Times the phases of a few steps, validations, saves and tests."""

    def __init__(self, components: Components) -> None:
        self.components = components
        self.phases = components.meter.stopwatch.seconds_by_phase
        self.validation_batches = 0
        self.blocks: list[float] = []
        self.step_bytes = 0.0
        self.operators = 0
        self.by_threads: dict[int, float] = {}
        self._threads = torch.get_num_threads()
        self._untimed: list[int] = []
        self._steps = 0
        self._block = (0, 0.0)
        self._counting: _Traffic | None = None

    def run(self, stages: Sequence[str]) -> None:
        """Train and evaluate a little."""
        trainer = self.components.trainer
        trainer.callbacks.append(self)  # type: ignore[attr-defined]
        self.began = self.trained = self.phases()
        if "fit" in stages:
            trainer.fit(self.components.task, datamodule=self.components.data)
        self.fitted = self.phases()
        if "test" in stages:
            trainer.test(self.components.task, datamodule=self.components.data, verbose=False)
        self.ended = self.phases()

    def on_train_start(self, *args: Any) -> None:
        """Note where the start ends."""
        self.began = self.phases()

    def on_train_batch_start(self, *args: Any) -> None:
        """Count the traffic of the second step; the meter counts the FLOPs of the first."""
        if self._steps == 1:
            self._counting = _Traffic()  # type: ignore[no-untyped-call]
            self._counting.__enter__()  # type: ignore[no-untyped-call]

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Time a block of steps now and then; end once it has been long enough."""
        if self._counting is not None:
            self._counting.__exit__(None, None, None)  # type: ignore[no-untyped-call]
            self.step_bytes, self.operators = self._counting.bytes, self._counting.operators
            self._counting = None
        self._steps += 1
        if self._steps <= WARM_UP_STEPS:
            self._sync()
            self.warm, self._block = self.phases(), (self._steps, _fit(self.phases()))
            return
        steps, since = self._block
        if _fit(self.phases()) - since < BLOCK_SECONDS:
            return
        self._sync()
        now = _fit(self.phases())
        self.blocks.append((now - since) / (self._steps - steps))
        self._block = self._steps, now
        if self._untimed or now - _fit(self.warm) > PROBE_SECONDS:
            self._time_threads(trainer, now)

    def _time_threads(self, trainer: Trainer, now: float) -> None:
        """Go on for a block with each other number of threads, where processors compute."""
        if not self.by_threads:
            self.by_threads[self._threads] = (now - _fit(self.warm)) / (self._steps - WARM_UP_STEPS)
            if trainer.strategy.root_device.type == "cpu":
                self._untimed = [n for n in _numbers(self._threads) if n != self._threads]
        elif self._untimed:
            self.by_threads[self._untimed.pop(0)] = self.blocks.pop()
        torch.set_num_threads(self._untimed[0] if self._untimed else self._threads)
        trainer.should_stop = not self._untimed

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Count the batches of validation, but for the pass that warms up."""
        if trainer.state.fn == "fit" and not trainer.sanity_checking:
            self.validation_batches += 1

    def on_train_end(self, *args: Any) -> None:
        """Note where training ends."""
        self._sync()
        self.trained = self.phases()
        torch.set_num_threads(self._threads)

    def batch_seconds(self) -> float:
        """Return the mean of all timed steps, or of the warm-up where there were no more."""
        if self._threads in self.by_threads:
            return self.by_threads[self._threads]
        if self._steps > WARM_UP_STEPS:
            timed = _fit(self.trained) - _fit(self.warm)
            return timed / (self._steps - WARM_UP_STEPS)
        return (_fit(self.trained) - _fit(self.began)) / max(self._steps, 1)

    def spread(self) -> tuple[float, float]:
        """Return the first and the last tenth of the blocks, relative to their mean."""
        if len(self.blocks) < 2:
            return 0.8, 1.25
        tenths = quantiles(self.blocks, n=10, method="inclusive")
        mean = sum(self.blocks) / len(self.blocks)
        return min(tenths[0] / mean, 0.95), max(tenths[-1] / mean, 1.05)

    def _sync(self) -> None:
        synchronize(self.components.trainer.strategy.root_device)


class _Traffic(TorchDispatchMode):
    """Counts operators, and the bytes that they read and write; views are none."""

    bytes = 0.0
    operators = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.operators += 1
            tensors = [t for t in tree_leaves((args, kwargs, out)) if isinstance(t, torch.Tensor)]
            self.bytes += sum(t.numel() * t.element_size() for t in tensors)
        return out


def probe_config(config: Config, stages: Sequence[str], folder: Path) -> Config:
    """Return a config for a probe of stages: one device, nothing said, little to evaluate."""
    trainer = {str(key): value for key, value in config.trainer.items_ex(resolve=False)}
    for key in ("min_epochs", "min_steps", "max_time", "check_val_every_n_epoch", "strategy"):
        trainer.pop(key, None)  # it ends when it has seen enough, a validation included
    for key in ("limit_val_batches", "limit_test_batches"):
        trainer[key] = min(config.trainer.get(key, EVALUATION_BATCHES), EVALUATION_BATCHES)
    trainer |= {"num_sanity_val_steps": 1, "devices": 1, "num_nodes": 1}  # one warms the scores up
    return config.assign(
        {
            "folder": str(folder),
            # Validating and predicting go through a part as testing does.
            "stages": list(dict.fromkeys("fit" if one == "fit" else "test" for one in stages)),
            "stop_at_target": False,
            **{f"budget.{limit}": None for limit in LIMITS},
            "callback": _without(config.callback, lambda name: name.endswith(_SILENT)),
            "logger": _without(config.logger, lambda name: not name.endswith(_LOGGERS)),
            "trainer": trainer,
        }
    )


def _without(group: DictConfig | None, unwanted: Any) -> dict[str, Any]:
    items = (group or {}).items()
    return {str(name): one for name, one in items if not unwanted(str(one._target_))}


def _fit(phases: dict[str, float]) -> float:
    return sum(phases.get(phase, 0.0) for phase in FIT_PHASES)


def _numbers(threads: int) -> list[int]:
    """Return how many threads are timed: one, two, four, ... of what a step uses."""
    return [2**power for power in range(threads.bit_length()) if 2**power <= threads]
