"""A quote: a few steps of the real thing, timed, and what they say of all of it."""

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from omegaconf import DictConfig, open_dict
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from priced.build import Parts, build
from priced.callback.meter import FIT_PHASES, Meter
from priced.check.root import LIMITS
from priced.price.quote import Quote

WARM_UP_STEPS = 3
BLOCK_SECONDS = 0.2
PROBE_SECONDS = 4.0
EVALUATION_BATCHES = 50
_SILENT = ("Progress", "EarlyStopping")
_LOGGERS = ("TensorBoardLogger", "CSVLogger")
_BEST_SHARE = 0.5
"""How many of its validations a run keeps as the best so far; the bounds are none and all."""
_TRIES = 5
_SQUARE = 1024
_COPIED = 16 * 2**20


def make_quote(
    cfg: DictConfig, started_seconds: float, data_state: dict[str, Any] | None, done_steps: int
) -> Quote:
    """Run a probe of a config in a folder that is thrown away, and say what all of it will take.

    Several devices are quoted by one of them, at its own share of the work: what they say to each
    other is not in the quote.

    Args:
        cfg: A composed config that has passed `priced.check.check`.
        started_seconds: What the start of this process has taken until now.
        data_state: What a trained run cleaned its data with; None for a new run.
        done_steps: Optimizer steps that the run to go on with has done.

    Raises:
        ValueError: If the config cannot be built.
    """
    devices = _devices(cfg)
    with TemporaryDirectory(prefix="priced-quote-") as folder:
        config = _probe_config(cfg, Path(folder))
        parts = build(config, Meter(time.perf_counter()), data_state)
        probe = _Probe(parts)
        probe.run(config.stages)
        seconds, low, high, scaled = _whole(
            probe, config.stages, started_seconds, done_steps, devices
        )
        return _quote(parts, probe, (seconds, low, high, scaled), devices, done_steps)


class _Probe(Callback):
    """Times the phases of a few steps, validations, saves and tests."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.phases = parts.meter.stopwatch.seconds_by_phase
        self.validations = 0
        self.blocks: list[float] = []
        self.step_bytes = 0.0
        self._steps = 0
        self._block = (0, 0.0)
        self._counting: _Traffic | None = None

    def run(self, stages: Sequence[str]) -> None:
        """Train and evaluate a little."""
        trainer = self.parts.trainer
        trainer.callbacks.append(self)  # type: ignore[attr-defined]
        self.began = self.trained = self.phases()
        if "fit" in stages:
            trainer.fit(self.parts.task, datamodule=self.parts.data)
        self.fitted = self.phases()
        if "test" in stages:
            trainer.test(self.parts.task, datamodule=self.parts.data, verbose=False)
        self.ended = self.phases()

    def on_train_start(self, *args: Any) -> None:
        self.began = self.phases()

    def on_train_batch_start(self, *args: Any) -> None:
        if self._steps == 1:
            self._counting = _Traffic()  # type: ignore[no-untyped-call]
            self._counting.__enter__()  # type: ignore[no-untyped-call]

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        if self._counting is not None:
            self._counting.__exit__(None, None, None)  # type: ignore[no-untyped-call]
            self.step_bytes, self._counting = self._counting.bytes, None
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
        if now - _fit(self.warm) > PROBE_SECONDS:
            trainer.should_stop = True

    def on_validation_end(self, trainer: Trainer, *args: Any) -> None:
        if trainer.sanity_checking or trainer.state.fn != "fit":
            return
        self.validations += 1

    def on_train_end(self, *args: Any) -> None:
        self._sync()
        self.trained = self.phases()

    def step_seconds(self) -> float:
        """Return the mean of all timed steps, or of the warm-up where there were no more."""
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
        _sync(self.parts.trainer.strategy.root_device)


class _Traffic(TorchDispatchMode):
    """Counts the bytes that operators read and write; views move none."""

    bytes = 0.0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            tensors = [t for t in tree_leaves((args, kwargs, out)) if isinstance(t, torch.Tensor)]
            self.bytes += sum(t.numel() * t.element_size() for t in tensors)
        return out


def _probe_config(cfg: DictConfig, folder: Path) -> DictConfig:
    probe = cfg.copy()
    with open_dict(probe):
        probe.folder = str(folder)
        work = [stage for stage in cfg.stages if stage != "quote"] or ["fit", "test"]
        # Validating and predicting go through a part as testing does.
        probe.stages = list(dict.fromkeys("fit" if one == "fit" else "test" for one in work))
        probe.stop_at_target = False
        for limit in LIMITS:
            probe.budget[limit] = None
        probe.callback = _without(cfg.callback, lambda target: target.endswith(_SILENT))
        probe.logger = _without(cfg.logger, lambda target: not target.endswith(_LOGGERS))
        for key in ("limit_val_batches", "limit_test_batches"):
            probe.trainer[key] = min(cfg.trainer.get(key, EVALUATION_BATCHES), EVALUATION_BATCHES)
        probe.trainer.num_sanity_val_steps = 1  # warms the scores up
        probe.trainer.devices, probe.trainer.num_nodes = 1, 1
        probe.trainer.pop("strategy", None)
    return probe


def _without(group: DictConfig | None, unwanted: Any) -> dict[str, Any]:
    items = (group or {}).items()
    return {str(name): one for name, one in items if not unwanted(str(one._target_))}


def _devices(cfg: DictConfig) -> int:
    """Return how many devices the run would take."""
    asked = {
        key: cfg.trainer[key]
        for key in ("accelerator", "devices", "num_nodes", "strategy")
        if key in cfg.trainer
    }
    return Trainer(**asked, logger=False, enable_checkpointing=False, barebones=False).world_size


def _whole(
    probe: _Probe, stages: Sequence[str], started: float, done_steps: int, devices: int
) -> tuple[float, float, float, float]:
    """Return the run's seconds, their bounds, and how many of them a faster device shortens."""
    trainer = probe.parts.trainer
    rest = started + _seconds(probe.began) - probe.began.get("validation", 0.0)
    scaled = saves = all_saves = 0.0
    batch = 0.0
    if "fit" in stages:
        steps, validations = _left(trainer, done_steps, devices)
        passes = max(probe.validations, 1)
        validation = _during(probe.began, probe.fitted, "validation") / passes
        batch = validation / max(_sum(trainer.num_val_batches), 1)
        full = batch * _batches(probe.parts.data.val_dataloader()) / devices
        save = _during(probe.began, probe.fitted, "checkpoint") / passes / 2
        scaled += steps * probe.step_seconds() + validations * full
        saves, all_saves = validations * save * (1 + _BEST_SHARE), validations * save * 2
        rest += _during(probe.began, probe.fitted, "other", "compile")
    if "test" in stages:
        unseen = _batches(probe.parts.data.test_dataloader()) - _sum(trainer.num_test_batches)
        scaled += _during(probe.fitted, probe.ended, "test") + max(unseen, 0) * batch / devices
        rest += _during(probe.fitted, probe.ended, "other", "start_up")
    if devices > 1:
        rest += started  # the other ranks start once the first one has
    low, high = probe.spread()
    seconds = rest + scaled + saves
    return seconds, (rest + scaled) * low, (rest + scaled) * high + all_saves, scaled


def _left(trainer: Trainer, done_steps: int, devices: int) -> tuple[int, int]:
    """Return the optimizer steps and the validations that are still to do."""
    total = math.ceil(int(trainer.estimated_stepping_batches) / devices)
    if trainer.max_steps > 0:
        total = min(int(trainer.estimated_stepping_batches), trainer.max_steps)
    steps = max(total - done_steps, 0)
    batches = math.ceil(int(trainer.num_training_batches) / devices)
    epochs = steps * trainer.accumulate_grad_batches / max(batches, 1)
    between = int(trainer.val_check_batch or trainer.num_training_batches)
    each = max(int(trainer.num_training_batches) // max(between, 1), 1)
    return steps, math.ceil(epochs / (trainer.check_val_every_n_epoch or 1)) * each


def _quote(
    parts: Parts, probe: _Probe, whole: tuple[float, ...], devices: int, done_steps: int
) -> Quote:
    seconds, low, high, scaled = whole
    trainer, meter = parts.trainer, parts.meter
    watts = meter.watts() * trainer.num_nodes
    nodes = math.ceil(devices / max(trainer.num_devices, 1)) if trainer.num_nodes > 1 else 1
    usage = meter.usage(trainer)
    device = trainer.strategy.root_device
    on_gpu = device.type != "cpu"
    flops_per_second, bytes_per_second = ceilings(device, str(trainer.precision))
    steps = _left(trainer, done_steps, devices)[0] if probe.validations else 0
    price = parts.tariff.price
    return Quote(
        seconds=seconds,
        seconds_low=low,
        seconds_high=high,
        scaled_seconds=scaled,
        joules=watts * seconds,
        usd=price(seconds, watts * seconds, nodes),
        usd_low=price(low, watts * low, nodes),
        usd_high=price(high, watts * high, nodes),
        tariff=parts.tariff.name,
        steps=steps,
        step_seconds=probe.step_seconds(),
        flops=(meter.flops_per_sample or 0.0) * parts.data.batch_size,
        step_bytes=probe.step_bytes,
        flops_per_second=flops_per_second,
        bytes_per_second=bytes_per_second,
        vcpus=os.cpu_count() or 1,
        accelerators=devices if on_gpu else 0,
        precision=str(trainer.precision),
        peak_memory_bytes=usage.peak_device_memory_bytes or usage.peak_memory_bytes,
    )


def ceilings(device: torch.device, precision: str) -> tuple[float, float]:
    """Return what a device is seen to do at best: FLOP/s at a precision, bytes/s of its memory."""
    kind = torch.float32
    if precision != "64-true" and not precision.startswith("32"):
        kind = torch.bfloat16 if precision.startswith("bf16") else torch.float16
    square = torch.ones(_SQUARE, _SQUARE, dtype=kind, device=device)
    flops = 2 * _SQUARE**3 / _fastest(lambda: square @ square, device)
    source = torch.ones(_COPIED, device=device)
    target = torch.empty_like(source)
    moved = 2 * source.numel() * source.element_size()
    return flops, moved / _fastest(lambda: target.copy_(source), device)


def _fastest(work: Callable[[], object], device: torch.device) -> float:
    best = math.inf
    for _ in range(_TRIES):
        _sync(device)
        began = time.perf_counter()
        work()
        _sync(device)
        best = min(best, time.perf_counter() - began)
    return best


def _sync(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _batches(loader: Iterable[Any]) -> int:
    return len(loader)  # type: ignore[arg-type]


def _sum(batches: Any) -> int:
    return int(sum(batches)) if isinstance(batches, list) else int(batches)


def _seconds(phases: dict[str, float]) -> float:
    return sum(phases.values())


def _during(first: dict[str, float], last: dict[str, float], *names: str) -> float:
    return sum(last.get(name, 0.0) - first.get(name, 0.0) for name in names)


def _fit(phases: dict[str, float]) -> float:
    return sum(phases.get(phase, 0.0) for phase in FIT_PHASES)
