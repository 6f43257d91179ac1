from itertools import product
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, LightningDataModule, LightningModule, Trainer
from torch.utils.data import DataLoader, TensorDataset

from priced.callback.units import LOOP_KEYS, Position, Units, plan_units

N, B, VALIDATED = 37, 4, 9


class Data(LightningDataModule):
    batch_size = B
    evaluation_batch_size = 3

    def __init__(self) -> None:
        super().__init__()
        self.train = TensorDataset(torch.zeros(N, 1))
        self.val = TensorDataset(torch.zeros(VALIDATED, 1))

    def train_dataloader(self) -> Any:
        return DataLoader(self.train, B)

    def val_dataloader(self) -> Any:
        return DataLoader(self.val, self.evaluation_batch_size)


class Module(LightningModule):
    def __init__(self, steps: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.of_batch = steps
        self.automatic_optimization = not steps

    def optimizer_steps(self, batch_idx: int) -> int:
        return self.of_batch[batch_idx % len(self.of_batch)] if self.of_batch else 0

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        if self.automatic_optimization:
            return self.layer(batch[0]).sum()
        for optimizer in self.optimizers()[: self.optimizer_steps(batch_idx)]:  # type: ignore[index]
            optimizer.step()
        return None

    def validation_step(self, batch: Any) -> None: ...

    def configure_optimizers(self) -> Any:
        one = torch.optim.SGD(self.layer.parameters(), 0.0)
        return one if self.automatic_optimization else [one, torch.optim.SGD(self.parameters(), 0)]


class Count(Callback):
    def __init__(self) -> None:
        self.batches = self.samples = self.validations = self.validation_batches = 0

    def on_train_batch_end(self, trainer: Any, module: Any, out: Any, batch: Any, k: int) -> None:
        self.batches += 1
        self.samples += len(batch[0])

    def on_validation_batch_end(self, *args: Any) -> None:
        self.validation_batches += 1

    def on_validation_end(self, *args: Any) -> None:
        self.validations += 1


OPTIONS = [
    {"max_epochs": 3, "accumulate_grad_batches": a, **limits, **steps, **validated}
    for a, limits, steps, validated in product(
        (1, 4),
        ({}, {"limit_train_batches": 7}, {"limit_train_batches": 0.5, "limit_val_batches": 2}),
        ({}, {"max_steps": 5}),
        (
            {},
            {"val_check_interval": 0.5},
            {"val_check_interval": 3},
            {"val_check_interval": 4, "check_val_every_n_epoch": None},
            {"check_val_every_n_epoch": 2},
        ),
    )
]


def run(options: dict[str, Any], module: Module) -> tuple[Count, Trainer]:
    count = Count()
    trainer = Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False, callbacks=[count],
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0, **options,
    )  # fmt: skip
    trainer.fit(module, datamodule=Data())
    return count, trainer


@pytest.mark.parametrize("steps", [(), (1, 2)], ids=["automatic", "by hand"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_what_is_planned_is_what_lightning_does(
    options: dict[str, Any], steps: tuple[int, ...]
) -> None:
    if steps and options["accumulate_grad_batches"] > 1:
        pytest.skip("Lightning accumulates nothing that it does not step")
    module, data = Module(steps), Data()
    left = plan_units(options, module, data, 1).count()
    count, trainer = run(options, module)
    loops = {key: getattr(trainer, key) for key in LOOP_KEYS}
    for planned in (left, plan_units(loops, module, data, 1).count()):
        assert (planned.batches, planned.samples) == (count.batches, count.samples)
        assert planned.steps == trainer.global_step
        assert planned.validations == count.validations
        assert planned.validation_batches == count.validation_batches


@pytest.mark.parametrize("options", OPTIONS[::3], ids=str)
def test_what_is_done_and_what_is_left_are_the_whole(options: dict[str, Any]) -> None:
    schedule = plan_units(options, Module(), Data(), 1)
    whole = schedule.count()
    for epoch, batch in ((0, 0), (0, 3), (1, 0), (1, 4)):
        done = [
            sum(schedule.steps) * epoch + int(schedule.steps[:batch].sum()),
            len(schedule.steps) * epoch + batch,
        ]
        if options.get("max_steps", 99) <= done[0] or batch > len(schedule.steps):
            continue
        left = schedule.count(Position(epoch, batch, done[0]))
        assert left.steps == whole.steps - done[0]
        assert left.batches == whole.batches - done[1]


def test_ranks_share_the_batches_and_not_the_steps() -> None:
    alone, shared = (plan_units({"max_epochs": 2}, Module(), Data(), r).count() for r in (1, 4))
    assert (alone.steps, shared.steps) == (20, 6)
    assert (alone.samples, shared.samples) == (74, 80), "the first stand in at the end"
    assert (alone.validation_batches, shared.validation_batches) == (6, 2)


def test_nothing_is_left_of_what_is_done() -> None:
    schedule = plan_units({"max_epochs": 2}, Module(), Data(), 1)
    assert schedule.count(Position(2, 0, 20)) == Units()


@pytest.mark.parametrize("max_steps", [-1, 4_321])
@pytest.mark.parametrize("validated", [{}, {"check_val_every_n_epoch": 3}, OPTIONS[3]], ids=str)
def test_many_epochs_are_counted_as_one_after_the_other(
    max_steps: int, validated: dict[str, Any]
) -> None:
    options = {**validated, "accumulate_grad_batches": 1, "limit_train_batches": None}
    asked = {**options, "max_epochs": 1_000, "max_steps": max_steps}
    schedule = plan_units(asked, Module(), Data(), 1)
    walked, done = Units(), Position()
    for epoch in range(1_000):
        if not schedule._goes_on(epoch, done.steps):
            break
        walked += schedule._segment(epoch, 0, schedule._end(0, done.steps))
        done = Position(epoch + 1, 0, walked.steps)
    assert schedule.count() == walked
