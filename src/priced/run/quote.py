"""A quote: what a probe says of the whole of a run."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from lightning.pytorch import Trainer
from omegaconf import DictConfig

from priced.build import Components, Start, build
from priced.callback.meter import Meter
from priced.callback.units import Position, Units, apply_limit, plan_units
from priced.price.quote import Quote
from priced.price.usage import clock
from priced.run.ceiling import ceilings
from priced.run.probe import Probe, probe_config
from priced.run.weights import find_stop

_BEST_SHARE = 0.5
"""How many of its validations a run keeps as the best so far; the bounds are none and all."""


def make_quote(start: Start, started_seconds: float) -> Quote:
    """Run a probe of a config in a folder that is thrown away, and say what all of it will take.

    Several devices are quoted by one of them, at its own share of the work: what they say to each
    other is not in the quote.

    Args:
        start: Where the run begins: what it has done until there is not quoted.
        started_seconds: What the start of this process has taken until now.

    Raises:
        ValueError: If the config cannot be built.
    """
    config = start.config
    devices, stages = _devices(config.trainer), list_quoted_stages(config.stages)
    resumes = start.weights is not None and "fit" in config.stages
    done = find_stop(start.weights) if start.weights is not None and resumes else Position()
    with TemporaryDirectory(prefix="priced-quote-") as folder:
        probed = probe_config(config, stages, Path(folder))
        blank = Start(probed, data_state=start.data_state, data_is_named=start.data_is_named)
        components = build(blank, Meter(clock()))
        probe = Probe(components)
        with components.stop.listening():
            probe.run(probed.stages)
        units = Units()
        if "fit" in stages:
            units = plan_units(config.trainer, components.task, components.data, devices).count(
                done
            )
        whole = _whole(probe, probed.stages, started_seconds, units, config.trainer, devices)
        nodes = int(config.trainer.get("num_nodes", 1))
        made = _quote(components, probe, whole, stages, devices, units, nodes)
        return replace(made, start_seconds=started_seconds)


def _devices(trainer: DictConfig) -> int:
    """Return how many devices the run would take."""
    asked = {
        key: trainer[key]
        for key in ("accelerator", "devices", "num_nodes", "strategy")
        if key in trainer
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
        flops=meter.flops / max(usage.samples, 1) * units.samples_of_batch(devices),
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
