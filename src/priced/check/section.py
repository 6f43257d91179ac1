"""The groups of the config whose option names a class."""

import math
import os
from typing import Any

from priced.check.root import writes_text
from priced.check.schema import LISTS, SECTIONS
from priced.check.source import find_literal
from priced.check.suggestion import suggest


def check_sections(cfg: dict[str, Any]) -> None:
    """Refuse a section that makes no object, and a task that the data is not for.

    Raises:
        ValueError: If a `_target_` is missing, or the task is not for such data.
    """
    lists = {f"{group}.{name}": one for group in LISTS for name, one in (cfg[group] or {}).items()}
    single = {section: cfg[section] for section in SECTIONS if section not in LISTS}
    for key, node in {**single, **lists}.items():
        if not isinstance(node, dict) or "_target_" not in node:
            known = [k for k, n in lists.items() if isinstance(n, dict) and "_target_" in n]
            raise ValueError(f"{key} must name its class as _target_{suggest(key, known)}")
    drawn = [str(one["_target_"]) for one in (cfg["callback"] or {}).values()]
    if not cfg["logger"] and any(target.endswith(".LearningRateMonitor") for target in drawn):
        raise ValueError("callback=[learning_rate] needs a logger to draw in, got logger=none")
    kept = any("Checkpoint" in target for target in drawn)
    task = str(cfg["task"]["_target_"])
    if cfg["model"].get("lora") and find_literal(task, _LEAVES_SOME_OUT):
        raise ValueError(f"model.lora cannot go with task={task.split('.')[-2]}")
    reread = [stage for stage in cfg["stages"] if stage == "export" or writes_text(stage, cfg)]
    if "fit" in cfg["stages"] and reread and not kept:
        raise ValueError(
            f"the stage {reread[0]} needs what fit has kept: callback=[checkpoint], or run=<folder>"
        )
    check_outputs(cfg["task"].get("num_outputs"), cfg["data"].get("num_outputs"))
    _check_trainer(cfg["trainer"])
    if list(cfg["stages"]) != ["quote"]:  # which runs on one device, and asks for any number
        _check_places(cfg["trainer"])
    for key, way in _OWNED.items():
        if key in cfg["trainer"]:
            raise ValueError(f"trainer.{key} is priced's own: {way}")


def _check_trainer(trainer: dict[str, Any]) -> None:
    """Hold the numbers of a trainer against what they may be, in our words."""
    for key, (least, way) in _LEAST.items():
        value = trainer.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and not value >= least:
            raise ValueError(f"trainer.{key} must be {least} or more, got {value}{way}")
    if (between := trainer.get("val_check_interval")) is not None and not between > 0:
        raise ValueError(
            f"trainer.val_check_interval must be above zero, got {between}: batches, or "
            "a share of an epoch"
        )
    clip = trainer.get("gradient_clip_val")
    if clip is not None and not 0 <= clip < math.inf:
        raise ValueError(f"trainer.gradient_clip_val must be a number, zero or more, got {clip}")
    for key, stage in (("limit_train_batches", "fit"), ("limit_test_batches", "test")):
        if trainer.get(key) == 0:
            raise ValueError(f"trainer.{key} must be above zero, got 0: stages= leaves {stage} out")


def _check_places(trainer: dict[str, Any]) -> None:
    """Refuse more devices and nodes than there can be here: each would wait for the others."""
    nodes = trainer.get("num_nodes", 1)
    if isinstance(nodes, int) and nodes > 1 and not any(name in os.environ for name in _CLUSTER):
        raise ValueError(
            f"trainer.num_nodes={nodes} needs a cluster that starts a process on each node, as "
            "srun or torchrun do: none of " + ", ".join(_CLUSTER) + " is set here"
        )
    devices, most = trainer.get("devices"), _RANKS_EACH * (os.cpu_count() or 1)
    if trainer.get("accelerator") == "cpu" and isinstance(devices, int) and devices > most:
        raise ValueError(
            f"trainer.devices must be {most} or fewer on this machine's processors, got {devices}"
        )


_CLUSTER = ("MASTER_ADDR", "SLURM_JOB_ID", "LSB_JOBID", "KUBERNETES_SERVICE_HOST")
"""Of which one says that a run on several nodes was started on each of them."""
_RANKS_EACH = 4
"""How many ranks a processor may have: more of them only wait for each other."""
_LEAST: dict[str, tuple[float, str]] = {
    "accumulate_grad_batches": (1, ""),
    "devices": (-1, "; -1 takes all"),
    "num_nodes": (1, ""),
    "max_steps": (-1, ""),
    "log_every_n_steps": (1, ""),
    "check_val_every_n_epoch": (1, ""),
    "num_sanity_val_steps": (-1, ""),
}
"""Arguments of the trainer that count something: the least, and what more there is to say."""


_OWNED = {
    "callbacks": "callback=[checkpoint,progress,...] picks them",
    "logger": "logger=tensorboard, logger=[] and the like pick them",
    "enable_checkpointing": "callback=[] keeps no checkpoint",
    "enable_progress_bar": "callback=[checkpoint] shows none",
    "default_root_dir": "folder=<folder> says where a run keeps its files",
    "plugins": "precision=, trainer.strategy= and the like say what they do",
    "fast_dev_run": "trainer=debug takes one batch of each stage",
    "barebones": "it would measure nothing",
    "reload_dataloaders_every_n_epochs": "every epoch has an order of its own",
    "use_distributed_sampler": "the ranks share the data without it",
}
"""Arguments of the trainer that are set here, and the words for what they do."""


_LEAVES_SOME_OUT = "find_unused_parameters"
"""What a task says whose steps leave parameters without a gradient."""


def check_outputs(predicted: int | None, held: int | None) -> None:
    """Hold the numbers that a task predicts against the outputs that the data has.

    Raises:
        ValueError: If both are known and differ.
    """
    if predicted is not None and held is not None and predicted != held:
        raise ValueError(
            f"the task predicts {predicted} number and the data has {held} classes: "
            "take task=classification, or data with a number to predict"
        )
