"""A quote: what a probe says of the whole of a run."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from lightning.pytorch import Trainer
from omegaconf import DictConfig

from priced.build import Components, build
from priced.callback.meter import Meter
from priced.callback.units import Position, Units, apply_limit, plan_units
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
    done: Position,
    data_is_named: bool = False,
) -> Quote:
    """Run a probe of a config in a folder that is thrown away, and say what all of it will take.

    Several devices are quoted by one of them, at its own share of the work: what they say to each
    other is not in the quote.

    Args:
        cfg: A composed config that has passed `priced.check.check`.
        started_seconds: What the start of this process has taken until now.
        data_state: What a trained run cleaned its data with; None for a new run.
        done: How far the run to go on with has come.
        data_is_named: See `build`.

    Raises:
        ValueError: If the config cannot be built.
    """
    devices, stages = _devices(cfg), list_quoted_stages(cfg.stages)
    with TemporaryDirectory(prefix="priced-quote-") as folder:
        config = probe_config(cfg, stages, Path(folder))
        components = build(config, Meter(clock()), data_state, data_is_named=data_is_named)
        probe = Probe(components)
        with components.stop.listening():
            probe.run(config.stages)
        units = Units()
        if "fit" in stages:
            units = plan_units(cfg.trainer, components.task, components.data, devices).count(done)
        whole = _whole(probe, config.stages, started_seconds, units, cfg.trainer, devices)
        nodes = int(cfg.trainer.get("num_nodes", 1))
        return _quote(components, probe, whole, stages, devices, units, nodes)


def _devices(cfg: DictConfig) -> int:
    """Return how many devices the run would take."""
    asked = {
        key: cfg.trainer[key]
        for key in ("accelerator", "devices", "num_nodes", "strategy")
        if key in cfg.trainer
    }
    return Trainer(**asked, logger=False, enable_checkpointing=False, barebones=False).world_size


@dataclass(frozen=True)
class _Whole:
    """A run's seconds, their bounds, and how many of them a faster device shortens."""

    seconds: float
    low: float
    high: float
    scaled: float


def _whole(
    probe: Probe,
    stages: Sequence[str],
    started: float,
    units: Units,
    trainer: DictConfig,
    devices: int,
) -> _Whole:
    rest = started + _seconds(probe.began) - probe.began.get("validation", 0.0)
    scaled = saves = all_saves = evaluated = 0.0
    if "fit" in stages:
        meter = probe.components.meter
        validation = _during(probe.began, probe.fitted, "validation")
        evaluated = validation / max(probe.validation_batches, 1)
        scaled += units.batches * probe.batch_seconds() + units.validation_batches * evaluated
        save = _during(probe.began, probe.fitted, "checkpoint") / max(meter.saves, 1)
        # The last state is kept so often; the best too, of some validations or of all.
        saves = save * (units.saves + _BEST_SHARE * units.validations)
        all_saves = save * (units.saves + units.validations)
        rest += _during(probe.began, probe.fitted, "other", "compile")
    if "test" in stages:
        seen = _sum(probe.components.trainer.num_test_batches)
        test = _during(probe.fitted, probe.ended, "test")
        data = probe.components.data
        batches = ceil(ceil(len(data.test) / devices) / data.evaluation_batch_size)
        batches = apply_limit(batches, trainer.get("limit_test_batches"))
        scaled += test + max(batches - seen, 0) * (evaluated or test / max(seen, 1))
        rest += _during(probe.fitted, probe.ended, "other", "start_up")
    if devices > 1:
        rest += started  # the other ranks start once the first one has
    low, high = probe.spread()
    whole = rest + scaled
    return _Whole(whole + saves, whole * low, whole * high + all_saves, scaled)


def list_quoted_stages(stages: Sequence[str]) -> list[str]:
    """Return what a quote is for: the other stages asked for, else the usual ones."""
    return [stage for stage in stages if stage != "quote"] or ["fit", "test"]


def _quote(
    components: Components,
    probe: Probe,
    whole: _Whole,
    stages: Sequence[str],
    devices: int,
    units: Units,
    nodes: int,
) -> Quote:
    trainer, meter = components.trainer, components.meter
    watts = meter.watts() * nodes
    usage = meter.usage(trainer)
    device = trainer.strategy.root_device
    flops_per_second, bytes_per_second = ceilings(device, str(trainer.precision))
    return Quote(
        seconds=whole.seconds,
        seconds_low=whole.low,
        seconds_high=whole.high,
        scaled_seconds=whole.scaled,
        joules=watts * whole.seconds,
        usd=0.0,
        usd_low=0.0,
        usd_high=0.0,
        tariff=components.tariff.name,
        stages=list(stages),
        step_seconds=probe.batch_seconds(),
        flops=meter.flops / max(meter.batches, 1),
        step_bytes=probe.step_bytes,
        flops_per_second=flops_per_second,
        bytes_per_second=bytes_per_second,
        vcpus=os.cpu_count() or 1,
        threads=torch.get_num_threads(),
        batch_seconds_by_threads=[[n, s] for n, s in sorted(probe.by_threads.items())],
        operators=probe.operators,
        accelerators=devices if device.type != "cpu" else 0,
        precision=str(trainer.precision),
        peak_memory_bytes=usage.peak_device_memory_bytes or usage.peak_memory_bytes,
        nodes=nodes,
        **asdict(units),
    ).under(components.tariff)


def _sum(batches: Any) -> int:
    return int(sum(batches)) if isinstance(batches, list) else int(batches)


def _seconds(phases: dict[str, float]) -> float:
    return sum(phases.values())


def _during(first: dict[str, float], last: dict[str, float], *names: str) -> float:
    return sum(last.get(name, 0.0) - first.get(name, 0.0) for name in names)
