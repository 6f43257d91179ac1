"""The clock of a run: each second in one phase, each batch counted once."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from priced.callback.meter import Meter
from priced.price.usage import clock
from tests.callback.fake import make_trainer


def make_task(width: int = 4) -> Any:
    return torch.nn.Linear(width, 2)


def train(meter: Meter, task: Any, sizes: list[int], **own: Any) -> Any:
    """Go through batches of these sizes as a trainer would."""
    trainer = make_trainer(**own)
    meter.on_train_start(trainer, task)
    for number, size in enumerate(sizes):
        batch = torch.zeros(size, 4), torch.zeros(size)
        meter.on_train_batch_start(trainer, task, batch, number)
        task(batch[0]).sum().backward()
        meter.on_train_batch_end(trainer, task, None, batch, number)
    meter.on_train_end(trainer, task)
    return trainer


def test_batches_samples_and_flops_are_counted_for_all_ranks() -> None:
    meter = Meter(clock())
    trainer = train(meter, make_task(), [8, 8, 3], world_size=2, global_step=13)
    usage = meter.usage(trainer)
    assert (usage.batches, usage.samples, usage.devices) == (3, 38, 2)
    # Forward and the weights' gradient: 2 * in * out multiply-adds of two operations a sample.
    assert usage.flops == 38 * 2 * 2 * 4 * 2


def test_every_second_is_in_one_phase() -> None:
    meter = Meter(clock())
    trainer = train(meter, make_task(), [8, 8])
    with meter.phase("quote"):
        pass
    meter.on_test_start()
    meter.on_test_end()
    with meter.saving():
        pass
    usage = meter.usage(trainer)
    assert {"start_up", "train_step", "data_wait", "quote", "test", "checkpoint", "other"} == set(
        usage.seconds_by_phase
    )
    assert sum(usage.seconds_by_phase.values()) == pytest.approx(usage.seconds)
    phases = usage.seconds_by_phase
    assert usage.fit_seconds == pytest.approx(phases["train_step"] + phases["data_wait"])
    assert meter.saves == 1


@pytest.mark.parametrize(("stage", "counts"), [("fit", 1), ("validate", 0)])
def test_validations_of_training_alone_are_counted(stage: str, counts: int) -> None:
    meter, trainer = Meter(clock()), make_trainer(state=SimpleNamespace(fn=stage))
    meter.on_validation_start()
    meter.on_validation_batch_end(trainer)
    meter.on_validation_end(trainer)
    assert (meter.validations, meter.validation_batches) == (counts, counts)
    assert meter.stopwatch.phase == ("data_wait" if stage == "fit" else "other")


def test_what_is_trained_is_another_kind_of_step() -> None:
    meter, task = Meter(clock()), make_task()
    train(meter, task, [8])
    whole = meter.flops
    task.weight.requires_grad = False
    train(meter, task, [8])
    assert meter.flops - whole < whole, "no gradient of the weights"


def test_workers_of_one_machine_pay_for_their_share() -> None:
    meter = Meter(clock(), share=0.25)
    usage = meter.usage(train(meter, make_task(), [8], num_nodes=2))
    assert usage.machine_seconds == pytest.approx(usage.seconds * 2 * 0.25)
