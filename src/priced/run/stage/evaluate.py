"""The stages that score a trained network."""

from pathlib import Path

from priced.build import Components


def validate(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Score the validation part; return the scores."""
    components.trainer.validate(
        components.task,
        datamodule=components.data,
        ckpt_path=weights,
        weights_only=True,
        verbose=False,
    )
    return read_scores(components)


def test(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Score the test part; return the scores."""
    components.trainer.test(
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
