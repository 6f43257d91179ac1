"""The stages that score a trained network."""

from collections.abc import Callable
from pathlib import Path

from priced.build import Components


def validate(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Score the validation part; return the scores."""
    return _evaluate(components.trainer.validate, components, weights)


def test(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Score the test part; return the scores."""
    return _evaluate(components.trainer.test, components, weights)


def _evaluate(
    go: Callable[..., object], components: Components, weights: Path | None
) -> dict[str, float | None]:
    go(
        components.task,
        datamodule=components.data,
        ckpt_path=weights,
        weights_only=True,
        verbose=False,
    )
    return read_scores(components)


def read_scores(components: Components) -> dict[str, float | None]:
    """Return what the stage that has just ended has logged."""
    return {name: float(score) for name, score in components.trainer.callback_metrics.items()}
