"""From a config to live objects. The only module that calls `instantiate`."""

import hashlib
import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer, seed_everything
from omegaconf import DictConfig, OmegaConf
from torch import nn

from priced.callback.budget import Budget
from priced.callback.checkpoint import Checkpoint, checkpoint_of
from priced.callback.checkpoint_io import Storage
from priced.callback.ladder import Ladder
from priced.callback.meter import Meter
from priced.callback.observe import Observe, RunObserver
from priced.callback.price import Price
from priced.callback.progress import Progress
from priced.callback.rank_seed import RankSeed
from priced.callback.same_config import SameConfig
from priced.callback.setting import Setting
from priced.callback.stop import Stop
from priced.callback.watchdog import Watchdog, limit_waiting
from priced.check.root import check_outputs, check_precision, cv_score, writes_text
from priced.check.schema import LIMITS
from priced.check.target import whitelist
from priced.compatibility import (
    check_adapters,
    check_adversarial,
    check_clipping,
    check_last_batch,
    check_learner,
    check_machine,
    check_model,
    check_optimizer,
    check_parts,
    check_validation,
    in_one_line,
    leaves_some_out,
)
from priced.data.base import Data
from priced.data.fold import Fold
from priced.model.gan import GAN
from priced.price.ledger import Entry
from priced.price.tariff import Tariff
from priced.price.usage import total, usage_of
from priced.record.folder import CURVE
from priced.task.adversarial import Adversarial
from priced.task.base import Learns, Task
from priced.task.language import check_prompt
from priced.transfer import add_adapters, take_pretrained

log = logging.getLogger(__name__)

_DIGITS = 12
"""Of a config's digest, as ranks tell each other."""


@dataclass(frozen=True)
class Components:
    """Everything one run needs, already built."""

    data: Data
    task: Task
    trainer: Trainer
    meter: Meter
    stop: Stop
    tariff: Tariff
    price: Price
    ladder: Ladder
    watchdog: Watchdog

    def best_scores(self) -> dict[str, float]:
        """Return the scores of the validation that the best weights come from."""
        kept = checkpoint_of(self.trainer)
        return {} if kept is None else kept.best_scores


def build(
    cfg: DictConfig,
    meter: Meter,
    data_state: dict[str, Any] | None = None,
    before: Sequence[Entry] = (),
    observer: RunObserver | None = None,
    starts: bool = True,
    data_is_named: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Components:
    """Build the components of one run; nothing is written to disk.

    The data is read first, and what the config leaves open about it (how many columns a file has)
    is filled in. Then the seed is set: building a network draws its weights. What measures, prices
    and stops a run and what stores its checkpoints are no options: every run has them.

    Args:
        cfg: A composed config that has passed `priced.check.check`.
        meter: Measures the run since its process started.
        data_state: What a trained run cleaned its data with; None: learn it from this data.
        before: Earlier lives of the run: what they spent counts.
        observer: Who started the run, and may end it.
        starts: Whether the network has no weights of this run to go on with.
        data_is_named: Whether the user named data for a run that exists: it may be other data.
        settings: Those of the optimizer that are in force over a checkpoint's.

    Raises:
        ValueError: If the data is not what the config says, the model cannot take it, or the
            trainer cannot be had on this machine.
    """
    if cfg.threads is not None:
        torch.set_num_threads(cfg.threads)
    data = _data(cfg, data_state, data_is_named)
    seed_everything(cfg.seed, workers=True, verbose=False)
    if cfg.model.get("lora"):
        check_adapters(cfg)
    model = _model(cfg, starts)
    if not isinstance(model, GAN):  # which takes noise, and was told the pictures' shape
        check_model(model, data, str(cfg.model._target_).rpartition(".")[2])
    if isinstance(model, Learns):
        check_learner(cfg)
    optimizer = make(cfg.optimizer, "optimizer")
    check_optimizer(optimizer, model)
    schedule = make(cfg.schedule, "schedule")
    task: Task = make(cfg.task, "task", model=model, optimizer=optimizer, schedule=schedule)
    task.data = data
    if cfg.trainer.get("precision", cfg.precision) == "64-true":
        task.double()  # Lightning would only once a checkpoint has gone through 32 bits
    if isinstance(task, Adversarial):
        check_adversarial(cfg)
        task.check()
    task.has_adapters = bool(cfg.model.get("lora"))
    stop = Stop()
    tariff: Tariff = make(cfg.tariff, "tariff")
    price = _price(cfg, meter, tariff, before)
    ladder = _ladder(cfg, price)
    first: list[Callback] = [meter, price, ladder]
    if observer is not None:
        first.append(Observe(cfg.target.metric, observer, price, stop))
    digest = hashlib.sha256(OmegaConf.to_yaml(cfg).encode()).hexdigest()[:_DIGITS]
    watchdog = Watchdog(cfg.folder)
    first += [SameConfig(digest), RankSeed(cfg.seed), watchdog]
    if settings:
        first.append(Setting(settings))
    trainer = _trainer(cfg, first, _last(cfg, price, stop), meter)
    if any(writes_text(stage, cfg) for stage in cfg.stages):
        check_prompt(task, data, cfg.predict.prompt)
    if isinstance(model, Learns) and trainer.world_size > 1:
        raise ValueError("what learns once learns on one device: trainer.devices=1")
    check_parts(cfg.stages, data, trainer.world_size)
    check_machine(tariff, trainer)
    if "fit" in cfg.stages:
        check_validation(cfg, data, task, trainer.world_size)
        if not isinstance(model, GAN | Learns):
            check_last_batch(model, data, trainer.world_size)
    limit_waiting(trainer)
    return Components(data, task, trainer, meter, stop, tariff, price, ladder, watchdog)


def _model(cfg: DictConfig, starts: bool) -> nn.Module:
    """Build the network, with what it is to start from; adapters stand on that in any case."""
    options = {key: cfg.model.get(key) for key in ("pretrained", "strict", "lora")}
    plain: Any = OmegaConf.to_container(cfg.model, resolve=True)
    own = OmegaConf.create({key: one for key, one in plain.items() if key not in options})
    model: nn.Module = make(own, "model")
    if options["pretrained"] is not None and (starts or options["lora"]):
        strict = options["strict"] is not False
        take_pretrained(model, options["pretrained"], strict)
    if options["lora"]:
        try:
            add_adapters(model, **options["lora"])
        except TypeError as error:
            raise ValueError(f"model.lora: {in_one_line(error)}") from error
    return model


def _price(cfg: DictConfig, meter: Meter, tariff: Tariff, before: Sequence[Entry]) -> Price:
    used = total(usage_of(life.usage) for life in before)
    return Price(meter, tariff, cfg.target.metric, used, sum(life.usd for life in before))


def _ladder(cfg: DictConfig, price: Price) -> Ladder:
    target = cfg.target
    file = Path(cfg.folder) / CURVE
    return Ladder(file, target.metric, target.mode, list(target.rungs), cfg.stop_at_target, price)


def _last(cfg: DictConfig, price: Price, stop: Stop) -> list[Callback]:
    """Return what must see a step after all others have."""
    limits = {key: cfg.budget[key] for key in LIMITS if cfg.budget[key] is not None}
    return [Budget(limits, price, stop), stop] if limits else [stop]


def _data(cfg: DictConfig, state: dict[str, Any] | None, is_named: bool = False) -> Data:
    data: Data = make(cfg.data, "data")
    data.is_named = is_named
    if state is not None:
        data.load_state(state)
    if cfg.cv.fold is not None:
        data.fold = Fold(cfg.cv.fold, cfg.cv.folds, cfg.cv.repeat)
        data.holds_fold_back = cv_score(cfg) == "best"
    data.setup()
    for key in ("shape", "num_outputs", "vocab_size"):
        if key in cfg.data:
            cfg.data[key] = getattr(data, key)
    check_outputs(cfg.task.get("num_outputs"), data.num_outputs)
    return data


def _trainer(cfg: DictConfig, first: list[Callback], last: list[Callback], meter: Meter) -> Trainer:
    callbacks = [make(one, f"callback.{name}") for name, one in (cfg.callback or {}).items()]
    for kept in callbacks:
        if isinstance(kept, Checkpoint):
            kept.chooses = cfg.cv.fold is None or cv_score(cfg) == "best"
    # MLflow's file store still works, and needs no server, but must be asked for in this way.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    loggers = [make(one, f"logger.{name}") for name, one in (cfg.logger or {}).items()]
    strategy = cfg.trainer.get("strategy")
    if strategy == "ddp" and leaves_some_out(cfg):
        strategy = "ddp_find_unused_parameters_true"
    with warnings.catch_warnings():
        # Lightning says the same in the middle of its start-up; below it is said once, plainly.
        warnings.filterwarnings("ignore", message=".*Using bf16-mixed instead.*")
        warnings.filterwarnings("ignore", message=".*AMP with fp16 is not supported on CPU.*")
        trainer: Trainer = make(
            cfg.trainer,
            "trainer",
            callbacks=[*first, *callbacks, *last],
            logger=loggers,
            plugins=[Storage(meter.saving)],
            default_root_dir=cfg.folder,
            **({} if strategy is None else {"strategy": strategy}),
            enable_checkpointing=any(isinstance(c, Checkpoint) for c in callbacks),
            enable_progress_bar=any(isinstance(c, Progress) for c in callbacks),
        )
    if trainer.precision != cfg.trainer.precision:
        log.warning(
            "precision=%s does not run on this processor: %s runs instead",
            cfg.trainer.precision,
            trainer.precision,
        )
    check_precision(cfg.precision, on_gpu=trainer.strategy.root_device.type != "cpu")
    check_clipping(cfg, trainer)
    return trainer


def make(node: DictConfig, key: str, **live: Any) -> Any:
    """Build one object; a mistake that a user can mend is said in one line.

    Objects that exist already never pass through Hydra: it makes the call, we add them to it.

    Args:
        node: Names its class and arguments.
        key: Where it stands in the config.
        live: Further arguments, by name.

    Raises:
        ValueError: If it cannot be built so.
    """
    try:
        call = instantiate(node, _partial_=True, _convert_="all", _execution_whitelist_=whitelist())
        return call if node.get("_partial_") else call(**live)
    except InstantiationException as error:
        cause = error.__cause__ or error
        raise ValueError(f"{key}: {in_one_line(cause)}") from error
    except (ImportError, MisconfigurationException, TypeError) as error:
        raise ValueError(f"{key}: {in_one_line(error)}") from error
