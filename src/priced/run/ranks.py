"""Several processes on one run: each starts from the config that rank 0 composed, never from argv.

Lightning starts the other ranks by running the command line again. Under a sweep each would start
a sweep of its own; in a new run each would make a folder of its own.
"""

import json
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
from priced.build import Start, build
from priced.callback.meter import Meter
from priced.callback.stop import Stopped
from priced.check.environment import permit
from priced.check.target import find_own_modules
from priced.compose.config import Config
from priced.record.folder import DATA, read_json
from priced.run.stages import go_through

_CONFIG = "PRICED_RANK_CONFIG"
_START = "PRICED_RANK_START"
VERB = "rank"
_LAST_SECONDS = 30.0
"""How long the other ranks have to end after the first."""


@contextmanager
def other_ranks(config: Config, trainer: Trainer, start: Start) -> Iterator[None]:
    """Let the ranks that Lightning starts inside take this config; with one process do nothing.

    Args:
        config: The run's, its folder made.
        trainer: Whose ranks.
        start: Where rank 0 began.
    """
    if trainer.world_size == 1:
        yield
        return
    argv, hydra, environment = sys.argv, HydraConfig.instance().cfg, dict(os.environ)
    # Handed down in memory: the copy on disk has its secrets masked.
    os.environ[_CONFIG] = OmegaConf.to_yaml(config.tree)
    own = {
        "weights": None if start.weights is None else str(start.weights),
        "data_is_named": start.data_is_named,
        "optimizer_settings": dict(start.optimizer_settings),
    }
    os.environ[_START] = json.dumps(own)
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


def run_rank() -> int:
    """Take part in a run that another process leads: no folder, no ledger, no words.

    Returns:
        The process's exit code.
    """
    find_own_modules()
    config_text = os.environ.pop(_CONFIG)
    permit([config_text])  # rank 0 has checked it
    tree = OmegaConf.create(config_text)
    assert isinstance(tree, DictConfig)
    own = json.loads(os.environ.pop(_START))
    weights = own.pop("weights")
    config = Config.of(tree)
    start = Start(
        config,
        weights=Path(weights) if weights else None,
        data_state=read_json(config.run_folder / DATA),
        **own,
    )
    components = build(start, Meter.of_process())
    try:
        for _ in go_through(components, start.weights):
            pass
    except Stopped as stopped:
        return stopped.exit_code
    return 0
