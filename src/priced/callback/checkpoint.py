"""What keeps a run's weights."""

import math
import random
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint as LightningCheckpoint

from priced.callback.monitor import agree_metric, epoch_is_over, gather_objects

BEST = "best.ckpt"
LAST = "last.ckpt"


def checkpoint_of(trainer: Trainer) -> "Checkpoint | None":
    """Return the callback that keeps a trainer's weights, if there is one."""
    return next((c for c in trainer.checkpoint_callbacks if isinstance(c, Checkpoint)), None)


class Checkpoint(LightningCheckpoint):
    """Keep the best weights, and the last with everything that a resumed run needs.

    A score that is not finite is never the best. The random states of Python, NumPy and torch
    travel in the checkpoint, so that a resumed run goes on as if it had never stopped. Training
    that ends within an epoch is kept as it stood then, so that a longer one sees the rest of it.

    Args:
        folder: Where best.ckpt and last.ckpt go.
        monitor: The score to choose the best by.
        mode: Whether lower (min) or higher (max) is better.

    Attributes:
        chooses: Whether there is to be a best: a fold that is scored by its last epoch has none.
    """

    chooses = True

    def __init__(self, folder: str, monitor: str, mode: Literal["min", "max"]) -> None:
        self.folder = Path(folder)
        self.monitor = monitor
        self.mode = mode
        self.best: float | None = None
        self.best_scores: dict[str, float] = {}

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the weights if no validation scored better; of equals the newest."""
        if trainer.state.fn != "fit" or trainer.sanity_checking:
            return
        score = agree_metric(trainer, self.monitor)
        if self.chooses and self._is_as_good(score):
            self.best = score
            known = trainer.callback_metrics.items()
            self.best_scores = {k: float(v) for k, v in known if k.startswith("val/")}
            trainer.save_checkpoint(self.folder / BEST)
        if _ends_within_epoch(trainer):
            self.save_last(trainer)

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Keep the last state where training ends before its epoch does."""
        if _ends_within_epoch(trainer):
            self.save_last(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the last state; of an epoch that ended early it is kept already."""
        if epoch_is_over(trainer):
            self.save_last(trainer)

    def save_last(self, trainer: Trainer) -> None:
        """Write last.ckpt now."""
        trainer.save_checkpoint(self.folder / LAST)

    def state_dict(self) -> dict[str, Any]:
        """Return the best score and every rank's random states; all ranks must call it."""
        return {
            "monitor": self.monitor,
            "mode": self.mode,
            "best": self.best,
            "best_scores": self.best_scores,
            "ranks": gather_objects(_random_states()),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take the random states up again, and the best score if it is of the same metric."""
        if (state.get("monitor", self.monitor), state.get("mode", self.mode)) == (
            self.monitor,
            self.mode,
        ):
            self.best = state["best"]
            self.best_scores = state["best_scores"]
        self._ranks = state.get("ranks", [state])

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set the random states at the last moment, when nothing draws from them any more."""
        ranks = getattr(self, "_ranks", [])
        if trainer.global_rank >= len(ranks):
            return
        state = ranks[trainer.global_rank]
        random.setstate(state["python"])
        name, keys, *rest = state["numpy"]
        np.random.set_state((name, keys.numpy().astype(np.uint32), *rest))
        torch.set_rng_state(state["torch"])
        if state["cuda"] and torch.cuda.device_count() == len(state["cuda"]):
            torch.cuda.set_rng_state_all(state["cuda"])

    def _is_as_good(self, score: float) -> bool:
        if not math.isfinite(score):
            return False
        if self.best is None:
            return True
        return score >= self.best if self.mode == "max" else score <= self.best


def _random_states() -> dict[str, Any]:
    name, keys, *rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": [name, torch.from_numpy(np.array(keys, dtype=np.int64)), *rest],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def _ends_within_epoch(trainer: Trainer) -> bool:
    """Say whether training ends with this step, and its epoch does not."""
    if epoch_is_over(trainer):
        return False
    return trainer.should_stop or trainer.global_step == trainer.max_steps
