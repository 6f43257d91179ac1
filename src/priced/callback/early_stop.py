"""What ends a run whose score has stopped getting better."""

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import EarlyStopping

from priced.callback.monitor import agree_metric, epoch_is_over


class EarlyStop(EarlyStopping):
    """Lightning's early stopping, with one verdict for all ranks, and none before its time.

    A verdict that comes before `trainer.min_epochs` or `min_steps` does not end the run later: the
    score is looked at again then. The arguments are those of Lightning's own.
    """

    def _run_early_stopping_check(self, trainer: Trainer) -> None:
        score = torch.tensor(agree_metric(trainer, self.monitor))
        stops, reason = self._evaluate_stopping_criteria(score)
        if stops and _may_stop(trainer):
            trainer.should_stop = True
            self.stopped_epoch = trainer.current_epoch
            self.stopping_reason_message = reason


def _may_stop(trainer: Trainer) -> bool:
    """Say whether training has lasted as long as it must; Lightning counts the epoch later."""
    epochs = trainer.current_epoch + epoch_is_over(trainer)
    return epochs >= (trainer.min_epochs or 0) and trainer.global_step >= (trainer.min_steps or 0)
