"""The groups of the config whose option names a class."""

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
    for key, way in _OWNED.items():
        if key in cfg["trainer"]:
            raise ValueError(f"trainer.{key} is priced's own: {way}")


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
