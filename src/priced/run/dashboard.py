"""The HPARAMS tab of TensorBoard, and its likes."""

from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from omegaconf import DictConfig
from torch.utils.tensorboard.summary import hparams

from priced.record.mask import masked

_SHOWN = ("data", "task", "model", "optimizer", "schedule", "trainer", "seed", "tags")


def log_settings(cfg: DictConfig, trainer: Trainer) -> None:
    """Tell every logger a run's settings, secrets masked."""
    for logger in trainer.loggers:
        logger.log_hyperparams(_settings(cfg))


def log_scores(cfg: DictConfig, trainer: Trainer, scores: Mapping[str, float | None]) -> None:
    """Show a run's settings beside the scores that it really ended with, in TensorBoard's table.

    The scores stand in its curves already; the table finds them by their tags.
    """
    shown = {k: v for k, v in scores.items() if k.startswith("test/")} or scores
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            for summary in hparams(_settings(cfg), shown):
                logger.experiment._get_file_writer().add_summary(summary)
            logger.experiment.flush()


def _settings(cfg: DictConfig) -> dict[str, Any]:
    plain = masked(cfg)
    leaves = _leaves({key: plain[key] for key in _SHOWN})
    shown = {key.removesuffix("._target_"): value for key, value in leaves.items()}
    return {k: v for k, v in shown.items() if isinstance(v, bool | int | float | str)}


def _leaves(value: Any, key: str = "") -> dict[str, Any]:
    if isinstance(value, list):
        return {key: ", ".join(map(str, value))}
    if not isinstance(value, dict):
        return {key: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= _leaves(inner, f"{key}.{name}" if key else str(name))
    return found
