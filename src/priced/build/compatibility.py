"""Whether components fit each other: what no config tells by itself.

What cannot be raises a `ValueError` that says what to change; what can, but hardly is meant, is
said.
"""

import copy
import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor, nn

from priced.callback.units import plan_units
from priced.check.root import stops_early
from priced.compose.config import Config
from priced.data.base import Data
from priced.price.tariff import Tariff
from priced.task.base import Task
from priced.task.learner import Learns
from priced.task.rule import freezes

log = logging.getLogger(__name__)


def check_components(
    config: Config, data: Data, task: Task, trainer: Trainer, tariff: Tariff
) -> None:
    """Hold what has been built against each other, before anything is written.

    Raises:
        ValueError: If two cannot go together.
    """
    ranks = trainer.world_size
    check_example(task, data, str(config.model._target_).rpartition(".")[2])
    if config.model.get("lora"):
        check_adapters(config)
    task.check(config, ranks)
    check_parts(config.stages, data, ranks)
    check_machine(tariff, trainer)
    if "fit" in config.stages:
        check_loss(config, task, data)
        check_validation(config, data, task, ranks)
        check_last_batch(task, data, ranks)


def check_example(task: Task, data: Data, name: str) -> None:
    """Show the model one example, so that a wrong shape is met before anything is written."""
    example, model = task.example(data), task.model
    if example is None:
        return
    model.eval()
    try:
        with torch.no_grad():
            outputs = model(_as_weights(example, model))
    except (RuntimeError, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"model {name} must take examples of shape {list(example.shape[1:])}, "
            f"which the data holds: {reason}"
        ) from error
    finally:
        model.train()
    if outputs.shape[-1] != data.num_outputs:
        raise ValueError(
            f"model {name} must give {data.num_outputs} outputs, as the data has, "
            f"got {outputs.shape[-1]}"
        )


def _as_weights(inputs: Tensor, model: nn.Module) -> Tensor:
    """Return inputs (B, ...) in the precision of a model's weights, if they are numbers."""
    if not inputs.is_floating_point():
        return inputs
    return inputs.to(next(model.parameters(), inputs).dtype)


def check_loss(config: Config, task: Task, data: Data) -> None:
    """Take the loss of two examples, so that a task for other data is met before training."""
    if not task.automatic_optimization or task.example(data) is None:
        return
    batch = data.train[torch.arange(min(2, len(data.train)))]
    task.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng():
            inputs, targets = task.prepare_batch((batch[0], batch[1]))
            task.loss(task.model(_as_weights(inputs, task.model)), targets)
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError) as error:
        names = [str(config.tree[one]._target_).split(".")[-2] for one in ("task", "model", "data")]
        raise ValueError(
            "task={}, model={} and data={} do not go together: ".format(*names)
            + (in_one_line(error) or "the data is of another kind")
        ) from error
    finally:
        task.train()


def check_optimizer(optimizer: Callable[..., Any], model: nn.Module) -> None:
    """Build an optimizer and let it go: a learning rate out of range is met before training."""
    if isinstance(model, Learns):
        return
    try:
        optimizer(model.parameters())
    except (ValueError, RuntimeError, TypeError) as error:
        raise ValueError(f"optimizer: {in_one_line(error)}") from error


def check_adapters(config: Config) -> None:
    """Refuse adapters where other parts are to be trained too."""
    if freezes(config):
        raise ValueError("model.lora and callback=[freeze] undo each other: take one of them")


def leaves_some_out(config: Config, task: Task) -> bool:
    """Say whether a step leaves parameters without a gradient, which ranks must be told of."""
    return task.find_unused_parameters or freezes(config) or bool(config.model.get("lora"))


def check_parts(stages: Sequence[str], data: Data, ranks: int) -> None:
    """Refuse a stage whose examples, or whose targets, the data does not have."""
    named = data.test if data.whole is None else data.whole
    parts = {"fit": (data.train, data.val), "validate": (data.val,), "predict": (named,)}
    for stage in stages:
        if stage == "quote":
            continue
        fewest = min(len(part) for part in parts.get(stage, (data.test,)))
        if fewest < ranks and data.is_new and stage != "fit":
            raise ValueError(
                f"the stage {stage} needs examples that the run did not learn from, got {fewest} "
                f"of {len(data.whole or ())}"
            )
        if fewest < ranks:
            raise ValueError(
                f"the stage {stage} needs {ranks} example(s) or more in each part, got {fewest}; "
                "a run goes on with the data that it was trained on"
            )
        if stage != "predict" and not data.has_targets:
            raise ValueError(f"the stage {stage} needs targets, which the data does not have")


def check_clipping(config: Config, trainer: Trainer) -> None:
    """Refuse to clip gradients that a fused optimizer unscales by itself."""
    clips = trainer.gradient_clip_val is not None
    if clips and trainer.precision == "16-mixed" and config.optimizer.get("fused"):
        raise ValueError(
            "trainer.gradient_clip_val cannot go with precision=16-mixed and a fused optimizer: "
            "add optimizer.fused=false or take precision=bf16-mixed"
        )


def check_validation(config: Config, data: Data, task: Task, ranks: int) -> None:
    """Hold what looks at validations against whether and when there are any.

    Raises:
        ValueError: If there is none to look at, or Lightning could not place them.
    """
    plan = plan_units(config.trainer, task, data, ranks)
    batches = len(plan.steps)
    if plan.validates_epochs is not None and plan.validates_every > batches:
        raise ValueError(
            f"trainer.val_check_interval must be {batches} or less, the batches of an epoch, got "
            f"{plan.validates_every}; check_val_every_n_epoch=null counts on from epoch to epoch"
        )
    units, watching = plan.count(), _watching(config)
    if "monitor" in config.schedule and plan.validates_epochs != 1:
        raise ValueError(
            "schedule=plateau needs a validation in each epoch: no trainer.check_val_every_n_epoch"
        )
    if not units.validations and watching:
        raise ValueError(
            f"{watching[0]} looks at validations, and training ends before the first: give "
            f"trainer.val_check_interval, longer training, or leave it out"
        )
    if not units.validations and batches:
        log.warning(
            "training ends after %d batches, before the first validation, and so without a score "
            "of it: trainer.val_check_interval=%d",
            units.batches,
            max(units.batches, 1),
        )


def _watching(config: Config) -> list[str]:
    """Return what ends or steers training by a score, by its words."""
    stops = [
        f"callback=[{name}]" for name, one in (config.callback or {}).items() if stops_early(one)
    ]
    plateau = ["schedule=plateau"] if "monitor" in config.schedule else []
    pruner = str((config.pruner or {}).get("_target_", ""))
    pruned = ["the pruner"] if config.sweep and not pruner.endswith("NopPruner") else []
    return [*stops, *plateau, *(["stop_at_target"] if config.stop_at_target else []), *pruned]


def check_last_batch(task: Task, data: Data, ranks: int) -> None:
    """Refuse a last batch of one example where a batch norm has no spread to take of it."""
    share = -(-len(data.train) // ranks)
    if share % data.batch_size != 1 and data.batch_size > 1:
        return
    example, model = task.example(data), task.model
    norms = [one for one in model.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
    if example is None or not norms:
        return
    try:
        with torch.no_grad():
            copy.deepcopy(model).train()(example)
    except ValueError as error:
        raise ValueError(
            f"an epoch's last batch holds one of {share} examples, too few for a batch norm: "
            f"data.batch_size={data.batch_size + 1} or the like leaves more"
        ) from error


def check_machine(tariff: Tariff, trainer: Trainer) -> None:
    """Say so where the tariff's machine has accelerators and this run takes none."""
    if tariff.accelerators and trainer.strategy.root_device.type == "cpu":
        log.warning(
            "tariff %s prices an hour of %d x %s, and this run takes the processor",
            tariff.name,
            tariff.accelerators,
            tariff.accelerator,
        )


def in_one_line(error: BaseException) -> str:
    """Return what an error says, without line breaks."""
    return " ".join(str(error).split())
