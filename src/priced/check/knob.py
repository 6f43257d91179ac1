"""Sections of the root: what their knobs may be together."""

import math
from collections.abc import Mapping
from typing import Any

from priced.check.suggestion import suggest

EXPORTS = ("safetensors", "torch_export", "onnx", "torchao_int8")
_MOST_MEMBERS = 1000


def check_cv(cv: dict[str, Any]) -> None:
    """Hold a cross-validation against itself.

    Raises:
        ValueError: If it cannot be.
    """
    if cv["folds"] is None:
        if cv["repeats"] != 1 or cv["fold"] is not None or cv["repeat"]:
            raise ValueError("cv needs the number of folds: cv.folds=5")
        return
    if cv["folds"] < 2:
        raise ValueError(f"cv.folds must be 2 or more, got {cv['folds']}")
    if cv["repeats"] < 1:
        raise ValueError(f"cv.repeats must be 1 or more, got {cv['repeats']}")
    if cv["fold"] is not None and not 0 <= cv["fold"] < cv["folds"]:
        raise ValueError(f"cv.fold must be in 0..{cv['folds'] - 1}, got {cv['fold']}")
    if not 0 <= cv["repeat"] < cv["repeats"]:
        raise ValueError(f"cv.repeat must be in 0..{cv['repeats'] - 1}, got {cv['repeat']}")


def check_members(seeds: int, cv: Mapping[str, Any]) -> None:
    """Refuse more runs in one than anybody means.

    Raises:
        ValueError: If it cannot be.
    """
    folds = cv["folds"] if cv["folds"] is not None and cv["fold"] is None else 1
    members = seeds * folds * (cv["repeats"] if folds > 1 else 1)
    if members > _MOST_MEMBERS:
        raise ValueError(
            f"seeds, cv.folds and cv.repeats must make {_MOST_MEMBERS} runs or fewer, got {members}"
        )


def check_predict(predict: dict[str, Any]) -> None:
    """Hold how a text is gone on with against what it may be.

    Raises:
        ValueError: If it cannot be.
    """
    if predict["length"] < 1:
        raise ValueError(f"predict.length must be 1 or more, got {predict['length']}")
    if not 0 <= predict["temperature"] < math.inf:
        raise ValueError(f"predict.temperature must be zero or more, got {predict['temperature']}")
    if predict["top_k"] is not None and predict["top_k"] < 1:
        raise ValueError(f"predict.top_k must be 1 or more, got {predict['top_k']}")


def check_export(export: dict[str, Any]) -> None:
    """Hold what is exported against what can be.

    Raises:
        ValueError: If it cannot be.
    """
    for one in export["format"]:
        if one not in EXPORTS:
            hint = suggest(one, EXPORTS)
            raise ValueError(f"export.format must be of {', '.join(EXPORTS)}, got {one}{hint}")
    if not export["format"]:
        raise ValueError("export.format must name one format or more, got none")
