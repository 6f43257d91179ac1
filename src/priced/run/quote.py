"""A quote: what a probe says of the whole of a run."""

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lightning.pytorch import Trainer
from omegaconf import DictConfig

from priced.build import Parts, build
from priced.callback.meter import Meter
from priced.price.quote import Quote
from priced.price.usage import clock
from priced.run.ceiling import ceilings
from priced.run.probe import Probe, probe_config

_BEST_SHARE = 0.5
"""How many of its validations a run keeps as the best so far; the bounds are none and all."""


def make_quote(
    cfg: DictConfig,
    started_seconds: float,
    data_state: dict[str, Any] | None,
    done_steps: int,
    data_is_named: bool = False,
) -> Quote:
    """Run a probe of a config in a folder that is thrown away, and say what all of it will take.

    Several devices are quoted by one of them, at its own share of the work: what they say to each
    other is not in the quote.

    Args:
        cfg: A composed config that has passed `priced.check.check`.
        started_seconds: What the start of this process has taken until now.
        data_state: What a trained run cleaned its data with; None for a new run.
        done_steps: Optimizer steps that the run to go on with has done.
        data_is_named: See `build`.

    Raises:
        ValueError: If the config cannot be built.
    """
    devices, stages = _devices(cfg), quoted(cfg.stages)
    with TemporaryDirectory(prefix="priced-quote-") as folder:
        config = probe_config(cfg, stages, Path(folder))
        parts = build(config, Meter(clock()), data_state, data_is_named=data_is_named)
        probe = Probe(parts)
        with parts.stop.listening():
            probe.run(config.stages)
        every = int(cfg.trainer.get("check_val_every_n_epoch") or 1)
        left = _left(parts.trainer, done_steps, devices, every) if "fit" in stages else (0, 0)
        limits = {key: cfg.trainer.get(f"limit_{key}_batches", 1.0) for key in ("val", "test")}
        seconds, low, high, scaled = _whole(
            probe, config.stages, started_seconds, left, limits, devices
        )
        whole = (seconds, low, high, scaled)
        return _quote(parts, probe, whole, stages, devices, left[0])


def _devices(cfg: DictConfig) -> int:
    """Return how many devices the run would take."""
    asked = {
        key: cfg.trainer[key]
        for key in ("accelerator", "devices", "num_nodes", "strategy")
        if key in cfg.trainer
    }
    return Trainer(**asked, logger=False, enable_checkpointing=False, barebones=False).world_size


def _whole(
    probe: Probe,
    stages: Sequence[str],
    started: float,
    left: tuple[int, int],
    limits: dict[str, float],
    devices: int,
) -> tuple[float, float, float, float]:
    """Return the run's seconds, their bounds, and how many of them a faster device shortens."""
    trainer = probe.parts.trainer
    rest = started + _seconds(probe.began) - probe.began.get("validation", 0.0)
    scaled = saves = all_saves = 0.0
    batch = 0.0
    if "fit" in stages:
        steps, validations = left
        passes = max(probe.validations, 1)
        validation = _during(probe.began, probe.fitted, "validation") / passes
        batch = validation / max(_sum(trainer.num_val_batches), 1)
        full = batch * _batches(probe.parts.data.val_dataloader(), limits["val"]) / devices
        save = _during(probe.began, probe.fitted, "checkpoint") / passes / 2
        scaled += steps * probe.step_seconds() + validations * full
        saves, all_saves = validations * save * (1 + _BEST_SHARE), validations * save * 2
        rest += _during(probe.began, probe.fitted, "other", "compile")
    if "test" in stages:
        seen = _sum(trainer.num_test_batches)
        test = _during(probe.fitted, probe.ended, "test")
        batch = batch or test / max(seen, 1)
        unseen = _batches(probe.parts.data.test_dataloader(), limits["test"]) - seen
        scaled += test + max(unseen, 0) * batch / devices
        rest += _during(probe.fitted, probe.ended, "other", "start_up")
    if devices > 1:
        rest += started  # the other ranks start once the first one has
    low, high = probe.spread()
    seconds = rest + scaled + saves
    return seconds, (rest + scaled) * low, (rest + scaled) * high + all_saves, scaled


def _left(trainer: Trainer, done_steps: int, devices: int, every: int) -> tuple[int, int]:
    """Return the optimizer steps and the validations that are still to do."""
    total = math.ceil(int(trainer.estimated_stepping_batches) / devices)
    if trainer.max_steps > 0:
        total = min(int(trainer.estimated_stepping_batches), trainer.max_steps)
    steps = max(total - done_steps, 0)
    batches = math.ceil(int(trainer.num_training_batches) / devices)
    epochs = steps / max(math.ceil(batches / trainer.accumulate_grad_batches), 1)
    between = int(trainer.val_check_batch or trainer.num_training_batches)
    each = max(int(trainer.num_training_batches) // max(between, 1), 1)
    return steps, math.ceil(epochs / every) * each


def quoted(stages: Sequence[str]) -> list[str]:
    """Return what a quote is for: the other stages asked for, else the usual ones."""
    return [stage for stage in stages if stage != "quote"] or ["fit", "test"]


def _quote(
    parts: Parts,
    probe: Probe,
    whole: tuple[float, ...],
    stages: Sequence[str],
    devices: int,
    steps: int,
) -> Quote:
    seconds, low, high, scaled = whole
    trainer, meter = parts.trainer, parts.meter
    watts = meter.watts() * trainer.num_nodes
    nodes = math.ceil(devices / max(trainer.num_devices, 1)) if trainer.num_nodes > 1 else 1
    usage = meter.usage(trainer)
    device = trainer.strategy.root_device
    on_gpu = device.type != "cpu"
    flops_per_second, bytes_per_second = ceilings(device, str(trainer.precision))
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
        stages=list(stages),
        steps=steps,
        step_seconds=probe.step_seconds(),
        flops=meter.flops / max(meter.batches, 1),
        step_bytes=probe.step_bytes,
        flops_per_second=flops_per_second,
        bytes_per_second=bytes_per_second,
        vcpus=os.cpu_count() or 1,
        accelerators=devices if on_gpu else 0,
        precision=str(trainer.precision),
        peak_memory_bytes=usage.peak_device_memory_bytes or usage.peak_memory_bytes,
    )


def _batches(loader: Iterable[Any], limit: float) -> int:
    """Return how many batches a loader gives under Lightning's limit: a share, or a number."""
    all_of_them = len(loader)  # type: ignore[arg-type]
    return min(all_of_them, limit) if isinstance(limit, int) else int(all_of_them * limit)


def _sum(batches: Any) -> int:
    return int(sum(batches)) if isinstance(batches, list) else int(batches)


def _seconds(phases: dict[str, float]) -> float:
    return sum(phases.values())


def _during(first: dict[str, float], last: dict[str, float], *names: str) -> float:
    return sum(last.get(name, 0.0) - first.get(name, 0.0) for name in names)
