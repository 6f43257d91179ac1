"""The knobs at the root of the config, and what they may be."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from priced.check.knob import check_cv, check_export, check_members, check_predict
from priced.check.schema import (
    LIMITS,
    SECTIONS,
    STAGES,
    Root,
    annotations,
    find_section,
)
from priced.check.source import find_literal
from priced.check.suggestion import suggest
from priced.check.target import check_value
from priced.price.metric import Metric, direction, metrics_of

Precision = Literal[
    "32-true",
    "16-mixed",
    "bf16-mixed",
    "16-true",
    "bf16-true",
    "64-true",
    "transformer-engine",
    "transformer-engine-float16",
]
_KNOBS = annotations(Root)
_GPU_ONLY = ("16-true", "transformer-engine", "transformer-engine-float16")
_MAX_SEED = 2**32 - 1
_MOST_THREADS = 1024
_LONGEST_NAME = 255
"""Of a file or a folder, as file systems have it."""


def check_root(cfg: dict[str, Any]) -> None:
    """Hold the root knobs against their types and against each other.

    Raises:
        ValueError: If one is unknown, of the wrong type or out of range, or two cannot go together.
    """
    for key, value in cfg.items():
        if key in _KNOBS:
            _check_knob(key, value)
        elif key not in SECTIONS:
            raise ValueError(f"{key} is no key of the config{suggest(key, [*_KNOBS, *SECTIONS])}")
    _check_numbers(cfg)
    if cfg["stop_at_target"] and not cfg["target"]["rungs"]:
        raise ValueError("stop_at_target needs a rung to stop at: target.rungs=[0.9]")
    if not 0 <= cfg["seed"] <= _MAX_SEED:
        raise ValueError(f"seed must be in 0..{_MAX_SEED}, got {cfg['seed']}")
    if not 1 <= cfg["seeds"] <= _MAX_SEED - cfg["seed"] + 1:
        raise ValueError(f"seeds must be 1 or more, got {cfg['seeds']}")
    check_cv(cfg["cv"])
    check_members(cfg["seeds"], cfg["cv"])
    if cfg["cv"]["score"] == "last" and cv_score(cfg | {"cv": {"score": "auto"}}) == "best":
        raise ValueError(
            "cv.score=last cannot go with what looks at the score while it trains (early_stop, "
            "plateau, stop_at_target): cv.score=best holds the fold back from it"
        )
    check_predict(cfg["predict"])
    check_export(cfg["export"])
    if cfg["max_epochs"] < 1:
        raise ValueError(f"max_epochs must be 1 or more, got {cfg['max_epochs']}")
    _check_stages(cfg["stages"], cfg["run"])
    accelerator = cfg["trainer"].get("accelerator", "auto")
    precision = cfg["trainer"].get("precision", cfg["precision"])
    check_precision(precision, on_gpu=None if accelerator == "auto" else accelerator != "cpu")


def _check_numbers(cfg: dict[str, Any]) -> None:
    """Hold what is counted at the root against what it may be."""
    for limit in LIMITS:
        most = cfg["budget"][limit]
        if most is not None and not 0 < most < math.inf:
            raise ValueError(f"budget.{limit} must be above zero, got {most}")
    if wrong := [rung for rung in cfg["target"]["rungs"] if not math.isfinite(rung)]:
        raise ValueError(f"target.rungs must be numbers, got {wrong[0]}")
    if cfg["threads"] is not None and not 1 <= cfg["threads"] <= _MOST_THREADS:
        raise ValueError(
            f"threads must be 1 or more and {_MOST_THREADS} at most, got {cfg['threads']}"
        )
    if any(len(part) > _LONGEST_NAME for part in Path(cfg["folder"] or "").parts):
        raise ValueError(f"folder must have names of {_LONGEST_NAME} letters or fewer")


def check_precision(precision: object, on_gpu: bool | None) -> None:
    """Hold a precision against the accelerator; None stands for one not known yet.

    Raises:
        ValueError: If there is no such precision, or it cannot run there.
    """
    if precision not in get_args(Precision):
        known = ", ".join(get_args(Precision))
        hint = suggest(str(precision), get_args(Precision))
        raise ValueError(f"precision must be one of {known}, got {precision}{hint}")
    if on_gpu is False and precision in _GPU_ONLY:
        raise ValueError(f"precision={precision} needs a GPU; on a processor take bf16-mixed")


def _check_knob(key: str, value: Any) -> None:
    section = find_section(_KNOBS[key])
    if section is None or (value is None and type(None) in get_args(_KNOBS[key])):
        check_value(key, value, _KNOBS[key])
    else:
        _check_section(key, value, section)


def _check_section(name: str, section: Any, schema: type) -> None:
    keys = annotations(schema)
    if not isinstance(section, dict):
        raise ValueError(f"{name} has keys of its own ({', '.join(keys)}), got {section!r}")
    for key, value in section.items():
        if key not in keys:
            raise ValueError(f"{name}.{key} is no key of the config{suggest(key, keys)}")
        check_value(f"{name}.{key}", value, keys[key])
    if missing := [key for key in keys if key not in section]:
        raise ValueError(f"{name} needs {', '.join(missing)}")


def stops_early(callback: Mapping[str, Any]) -> bool:
    """Say whether a callback of a config ends training by a score: ours, or Lightning's own."""
    return str(callback.get("_target_")).endswith((".EarlyStop", ".EarlyStopping"))


def cv_score(cfg: Mapping[str, Any]) -> Literal["last", "best"]:
    """Return which weights a fold is scored with: the last ones, or the best of an inner split.

    What looks at the score while it trains must not see the fold that it is scored on.
    """
    if cfg["cv"]["score"] != "auto":
        return "best" if cfg["cv"]["score"] == "best" else "last"
    stops = any(stops_early(one) for one in (cfg["callback"] or {}).values())
    return "best" if stops or cfg["stop_at_target"] or "monitor" in cfg["schedule"] else "last"


def writes_text(stage: str, cfg: Mapping[str, Any]) -> bool:
    """Say whether a stage continues a prompt, and predicts no rows."""
    return stage == "predict" and cfg["predict"]["prompt"] is not None


def _check_stages(stages: list[str], run: str | None) -> None:
    for stage in stages:
        if stage not in STAGES:
            hint = suggest(stage, STAGES)
            raise ValueError(f"stages must be picked from {', '.join(STAGES)}, got {stage}{hint}")
    if not stages:
        raise ValueError("stages must name one stage or more, got none: there is nothing to do")
    if len(set(stages)) < len(stages):
        raise ValueError(f"stages must name each stage once, got {stages}")
    worked = [stage for stage in stages if stage != "quote"]
    if "quote" in stages[1:]:
        raise ValueError(f"stages must have quote first, got {stages}")
    if "fit" in worked[1:]:
        raise ValueError(f"stages must have fit first, got {stages}")
    if worked and "fit" not in worked and run is None:
        raise ValueError(
            f"stages={stages} needs trained weights: add fit, run=last or run=<folder>"
        )


def check_metrics(cfg: dict[str, Any]) -> None:
    """Refuse to watch a score that the task never logs, or to take its worst for its best.

    Raises:
        ValueError: If a callback, the schedule or the target names one.
    """
    known = list_declared_metrics(cfg["task"])
    watched = {"target.metric": cfg["target"]}
    if "monitor" in cfg["schedule"]:
        watched["schedule.monitor"] = cfg["schedule"]
    for name, callback in (cfg["callback"] or {}).items():
        if isinstance(callback, dict) and "monitor" in callback:
            watched[f"callback.{name}.monitor"] = callback
    if not known:
        return  # a task of the user's own that does not say
    logged = ["train/loss", *(f"val/{quantity}" for quantity in known)]
    for key, node in watched.items():
        metric = str(node.get(key.rpartition(".")[2]))
        if metric not in logged:
            hint = suggest(metric, logged) or f"; it logs {', '.join(logged)}"
            raise ValueError(f"{key} must be a score that the task logs, got {metric}{hint}")
        better = direction(metric, {name: one.mode for name, one in known.items()} | _OF_TRAINING)
        mode, place = node.get("mode"), f"{key.rpartition('.')[0]}.mode"
        if mode in ("min", "max") and better is not None and mode != better:
            falls = "falls" if better == "min" else "rises"
            raise ValueError(f"{place} must be {better}: {metric} {falls} as it gets better")


_OF_TRAINING = {"loss": "min"}
"""What every task logs of training."""


def list_declared_metrics(task: Mapping[str, Any]) -> dict[str, Metric]:
    """Return what the task of a config declares of its scores, without importing it."""
    return metrics_of(find_literal(str(task.get("_target_", "")), "METRICS"))


def is_limited(trainer: Mapping[str, Any]) -> bool:
    """Say whether a run looks at a part of its data alone: to find mistakes, not to be compared."""
    keys = ("limit_train_batches", "limit_val_batches", "limit_test_batches", "overfit_batches")
    asked = [trainer.get(key) for key in keys]
    return bool(trainer.get("fast_dev_run")) or any(
        one not in (None, 1.0, 0, 0.0) or (isinstance(one, int) and one == 1) for one in asked
    )
