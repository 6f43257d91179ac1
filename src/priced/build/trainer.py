"""Lightning's trainer, with every callback of a run in its order."""

import hashlib
import logging
import os
import warnings
from collections.abc import Sequence

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import Logger
from omegaconf import OmegaConf

from priced.build.compatibility import check_clipping, leaves_some_out
from priced.build.make import make
from priced.build.start import Start
from priced.callback.adapter import Adapters, has_adapters
from priced.callback.budget import Budget
from priced.callback.checkpoint import Checkpoint
from priced.callback.checkpoint_io import Storage
from priced.callback.figure import Figures
from priced.callback.ladder import Ladder
from priced.callback.meter import Meter
from priced.callback.observe import Observe, RunObserver
from priced.callback.price import Price
from priced.callback.progress import Progress
from priced.callback.rank_seed import RankSeed
from priced.callback.same_config import SameConfig
from priced.callback.setting import Setting
from priced.callback.stop import Stop
from priced.check.reach import check_reachable
from priced.check.root import check_precision, cv_score
from priced.check.schema import LIMITS
from priced.compose.config import Config
from priced.price.tariff import Tariff
from priced.price.usage import total
from priced.record.folder import CURVE
from priced.task.base import Task

log = logging.getLogger(__name__)

_DIGITS = 12
"""Of a config's digest, as ranks tell each other."""


def build_price(config: Config, start: Start, meter: Meter, tariff: Tariff) -> Price:
    """Return what knows the price of the run, its earlier lives included."""
    used = total(life.usage for life in start.before)
    return Price(meter, tariff, config.target.metric, used, sum(life.usd for life in start.before))


def build_ladder(config: Config, price: Price) -> Ladder:
    """Return what notes where the target crosses each rung."""
    target, file = config.target, config.run_folder / CURVE
    return Ladder(
        file, target.metric, target.mode, list(target.rungs), config.stop_at_target, price
    )


def list_first(
    config: Config, start: Start, price: Price, stop: Stop, observer: RunObserver | None
) -> list[Callback]:
    """Return what must see a step before all others have, but for meter, price and ladder."""
    digest = hashlib.sha256(OmegaConf.to_yaml(config.tree).encode()).hexdigest()[:_DIGITS]
    watch = [] if observer is None else [Observe(config.target.metric, observer, price, stop)]
    settings = [Setting(start.optimizer_settings)] if start.optimizer_settings else []
    return [*watch, SameConfig(digest), RankSeed(config.seed), *settings]


def list_last(config: Config, task: Task, meter: Meter, price: Price, stop: Stop) -> list[Callback]:
    """Return what must see a step after all others have."""
    asked = {key: getattr(config.budget, key) for key in LIMITS}
    limits = {key: limit for key, limit in asked.items() if limit is not None}
    figures = [Figures(meter)] if config.figures else []
    adapters = [Adapters(task.model)] if has_adapters(task.model) else []
    return [*figures, *adapters, *([Budget(limits, price, stop)] if limits else []), stop]


def build_trainer(
    config: Config,
    task: Task,
    first: Sequence[Callback],
    last: Sequence[Callback],
    meter: Meter,
) -> Trainer:
    """Build the trainer.

    Args:
        config: The run's.
        task: What is trained.
        first: Callbacks before those of the config.
        last: Callbacks after them.
        meter: Charges what storing checkpoints takes.

    Raises:
        ValueError: If it cannot be had on this machine.
    """
    callbacks = _callbacks(config)
    loggers = _loggers(config)
    with warnings.catch_warnings():
        # Lightning says the same in the middle of its start-up; below it is said once, plainly.
        warnings.filterwarnings("ignore", message=".*Using bf16-mixed instead.*")
        warnings.filterwarnings("ignore", message=".*AMP with fp16 is not supported on CPU.*")
        trainer: Trainer = make(
            config.trainer,
            "trainer",
            callbacks=[*first, *callbacks, *last],
            logger=loggers,
            plugins=[Storage(meter.saving)],
            default_root_dir=config.folder,
            **_strategy(config, task),
            enable_checkpointing=any(isinstance(c, Checkpoint) for c in callbacks),
            enable_progress_bar=any(isinstance(c, Progress) for c in callbacks),
        )
    _check_trainer(config, trainer)
    return trainer


def _strategy(config: Config, task: Task) -> dict[str, str]:
    """Return the strategy that is asked for; ranks must be told of parameters that stay unused."""
    asked = config.trainer.get("strategy")
    if asked == "ddp" and leaves_some_out(config, task):
        asked = "ddp_find_unused_parameters_true"
    return {} if asked is None else {"strategy": asked}


def _callbacks(config: Config) -> list[Callback]:
    """Return those that the config picks."""
    callbacks = [make(one, f"callback.{name}") for name, one in (config.callback or {}).items()]
    for kept in callbacks:
        if isinstance(kept, Checkpoint):
            kept.chooses = config.cv.fold is None or cv_score(config.tree) == "best"
    return callbacks


def _loggers(config: Config) -> list[Logger]:
    # MLflow's file store still works, and needs no server, but must be asked for in this way.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    for name, one in (config.logger or {}).items():
        if (address := one.get("tracking_uri")) is not None:
            check_reachable(f"logger.{name}.tracking_uri", str(address))
    return [make(one, f"logger.{name}") for name, one in (config.logger or {}).items()]


def _check_trainer(config: Config, trainer: Trainer) -> None:
    """Say what runs otherwise than it was asked for; refuse what cannot run."""
    if trainer.precision != config.trainer.precision:
        log.warning(
            "precision=%s does not run on this processor: %s runs instead",
            config.trainer.precision,
            trainer.precision,
        )
    check_precision(config.precision, on_gpu=trainer.strategy.root_device.type != "cpu")
    check_clipping(config, trainer)
