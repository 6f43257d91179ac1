"""The HPARAMS tab of TensorBoard, and its likes."""

from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from omegaconf import DictConfig
from torch.utils.tensorboard.summary import hparams

from priced.record.mask import masked

_PLUMBING = ("folder", "logs", "ledger", "run", "logger")


def log_hyperparameters(cfg: DictConfig, trainer: Trainer, scores: dict[str, float]) -> None:
    """Show a run's settings beside its real final scores, in every logger.

    Args:
        cfg: The run's config; its secrets are masked.
        trainer: Whose loggers to tell.
        scores: The scores that the run ended with.
    """
    settings = {k: v for k, v in masked(cfg).items() if k not in _PLUMBING}
    flat = {k: v for k, v in _leaves(settings).items() if isinstance(v, bool | int | float | str)}
    shown = {k: v for k, v in scores.items() if k.startswith("test/")} or scores
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            # The scores themselves stand as scalars already; the tab finds them by their tags.
            for summary in hparams(flat, shown):
                logger.experiment._get_file_writer().add_summary(summary)
            logger.experiment.flush()
        else:
            logger.log_hyperparams(flat)


def _leaves(value: Any, key: str = "") -> dict[str, Any]:
    if isinstance(value, list):
        return {key: ", ".join(map(str, value))}
    if not isinstance(value, dict):
        return {key: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= _leaves(inner, f"{key}.{name}" if key else str(name))
    return found
