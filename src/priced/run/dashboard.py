"""The HPARAMS tab of TensorBoard, and its likes."""

from collections.abc import Mapping

from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger, WandbLogger
from torch.utils.tensorboard.summary import hparams

from priced.check.leaves import leaves
from priced.check.redact import redact_config
from priced.check.schema import list_knobs
from priced.compose.config import Config


def log_settings(config: Config, trainer: Trainer) -> None:
    """Tell every logger a run's settings, secrets masked."""
    settings = _settings(config)
    for logger in trainer.loggers:
        logger.log_hyperparams(settings)


def log_scores(config: Config, trainer: Trainer, scores: Mapping[str, float | None]) -> None:
    """Show a run's settings beside the scores that it really ended with, in TensorBoard's table.

    The scores stand in its curves already; the table finds them by their tags.
    """
    shown = {k: v for k, v in scores.items() if k.startswith("test/")} or scores
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            for summary in hparams(_settings(config), shown):
                logger.experiment._get_file_writer().add_summary(summary)
            logger.experiment.flush()


def finish_loggers(trainer: Trainer, status: str) -> None:
    """End every logger's run with the run: the next one of this process begins one of its own."""
    failed = status in ("failed", "stopped")
    for logger in trainer.loggers:
        logger.finalize("failed" if failed else "success")
        run = getattr(logger, "_experiment", None)
        if isinstance(logger, WandbLogger) and run is not None:
            run.finish(exit_code=int(failed))


def _settings(config: Config) -> dict[str, bool | int | float | str]:
    plain = redact_config(config.tree)
    flat = leaves({key: plain[key] for key in list_knobs("dashboard")})
    shown: dict[str, bool | int | float | str] = {}
    for key, value in flat.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(text, bool | int | float | str):
            shown[key.removesuffix("._target_")] = text
    return shown
