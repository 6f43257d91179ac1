"""What puts changed settings of the optimizer in force when a run goes on."""

from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class Setting(Callback):
    """Set an optimizer's settings over those that its checkpoint brought back.

    Args:
        settings: Values by name, such as {"lr": 0.01}.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = dict(settings)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set them: the optimizers are restored by now."""
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                for key, value in self.settings.items():
                    group[key] = tuple(value) if isinstance(group.get(key), tuple) else value
