"""The stage that trains."""

from pathlib import Path

from priced.build import Components
from priced.run.stage.evaluate import read_scores, validate
from priced.run.weights import best_weights


def fit(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Train; return the last scores, those of validation as the best weights had them."""
    components.trainer.fit(
        components.task, datamodule=components.data, ckpt_path=weights, weights_only=True
    )
    scores = read_scores(components)
    if components.data.held is None:
        return scores | components.best_scores()
    return scores | _score_fold(components)


def _score_fold(components: Components) -> dict[str, float | None]:
    """Score the best weights on the fold that training and their choice did not see."""
    components.data.score_fold()
    found = validate(components, best_weights(components.config.run_folder))
    return {name: score for name, score in found.items() if name.startswith("val/")}
