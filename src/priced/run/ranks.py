"""Several processes on one run: each starts from the config that rank 0 composed, never from argv.

Lightning starts the other ranks by running the command line again. Under a sweep each would start
a sweep of its own; in a new run each would make a folder of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from hydra.core.hydra_config import HydraConfig
from lightning.pytorch import Trainer
from omegaconf import DictConfig, OmegaConf

import priced

_CONFIG = "PRICED_RANK_CONFIG"
_WEIGHTS = "PRICED_RANK_WEIGHTS"
VERB = "rank"
_LAST_SECONDS = 30.0
"""How long the other ranks have to end after the first."""


@contextmanager
def other_ranks(cfg: DictConfig, trainer: Trainer, weights: Path | None) -> Iterator[None]:
    """Let the ranks that Lightning starts inside take this config; with one process do nothing.

    Args:
        cfg: The run's config, its folder made.
        trainer: Whose ranks.
        weights: What the first stage starts from.
    """
    if trainer.world_size == 1:
        yield
        return
    argv, hydra, environment = sys.argv, HydraConfig.instance().cfg, dict(os.environ)
    # Handed down in memory: the copy on disk has its secrets masked.
    os.environ[_CONFIG] = OmegaConf.to_yaml(cfg)
    os.environ[_WEIGHTS] = str(weights or "")
    sys.argv = [str(Path(priced.__file__).with_name("__main__.py")), VERB]
    HydraConfig.instance().cfg = None  # or Lightning would run Hydra's command line
    try:
        yield
    finally:
        sys.argv, HydraConfig.instance().cfg = argv, hydra
        _part(trainer)
        # What Lightning set for its ranks would make the next run of this process one of them.
        os.environ.clear()
        os.environ.update(environment)


def _part(trainer: Trainer) -> None:
    """Leave the other ranks, so that this process may lead others in its next run."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    started = getattr(trainer.strategy.launcher, "procs", [])
    others = list(started)
    started.clear()  # Lightning watches this list, and kills this process if one in it fails
    for process in others:
        try:
            process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def hand_down() -> tuple[DictConfig, Path | None]:
    """Return the config and the weights that rank 0 handed to this process."""
    cfg = OmegaConf.create(os.environ.pop(_CONFIG))
    assert isinstance(cfg, DictConfig)
    weights = os.environ.pop(_WEIGHTS)
    return cfg, Path(weights) if weights else None
