"""What keeps a network's lower layers as they are."""

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn
from torch.optim import Optimizer


class Freeze(Callback):
    """Train a network from its top: at first its last part alone, then one more now and then.

    The parts are the network's own children, a sequence's and those of a library's network inside
    counted one by one. A frozen part's batch norms stay as they are too.

    Args:
        every: How many epochs pass until the next part is trained too; None: never.
        trained: How many parts are trained from the start.

    Raises:
        ValueError: If a number is below one.

    Source: J. Howard and S. Ruder, "Universal Language Model Fine-tuning for Text Classification",
    2018, section 3.3 (gradual unfreezing).
    """

    def __init__(self, every: int | None = None, trained: int = 1) -> None:
        if trained < 1 or (every is not None and every < 1):
            raise ValueError(
                f"freeze needs trained and every of 1 or more, got {trained} and {every}"
            )
        self.every = every
        self.trained = trained

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Freeze again what was frozen when a run stopped in the middle of an epoch."""
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Freeze what is not trained yet."""
        model = pl_module.get_submodule("model")
        parts = list_blocks(model)
        more = trainer.current_epoch // self.every if self.every else 0
        frozen = max(0, len(parts) - self.trained - more)
        for parameter in model.parameters(recurse=False):  # positions and the like, at the bottom
            parameter.requires_grad_(frozen == 0)
        for index, part in enumerate(parts):
            part.requires_grad_(index >= frozen)
            part.train(index >= frozen)
        for optimizer in trainer.optimizers:
            _give_momentum(optimizer)


def _give_momentum(optimizer: Optimizer) -> None:
    """Give what joins later the momentum that it would have: a fused SGD wants all or none."""
    for group in optimizer.param_groups:
        for parameter in group["params"] if group.get("momentum") else ():
            if parameter.requires_grad:
                optimizer.state[parameter].setdefault(
                    "momentum_buffer", torch.zeros_like(parameter)
                )


def list_blocks(model: nn.Module) -> list[nn.Module]:
    """Return a network's parts that have parameters, from its bottom to its top."""
    parts: list[nn.Module] = []
    while len(children := list(model.children())) == 1:  # a wrapper around a library's network
        model = children[0]
    for child in children:
        if isinstance(child, nn.Sequential | nn.ModuleList):
            parts += child.children()
        elif any(isinstance(below, nn.ModuleList) for below in child.modules()):
            parts += list_blocks(child)  # a library's network, a stack of layers inside
        else:
            parts.append(child)
    return [part for part in parts if any(True for _ in part.parameters())]
