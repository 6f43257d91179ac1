"""What a run does, stage by stage."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from priced.build import Components
from priced.check.root import writes_text
from priced.run.stage.evaluate import test, validate
from priced.run.stage.export import export
from priced.run.stage.fit import fit
from priced.run.stage.generate import write_continuation
from priced.run.stage.predict import predict
from priced.run.weights import best_weights

Scores: TypeAlias = dict[str, float | None]
STAGES: dict[str, Callable[[Components, Path | None], Scores]] = {
    "fit": fit,
    "validate": validate,
    "test": test,
    "predict": predict,
    "export": export,
}
"""Each takes the components and the checkpoint to start from; returns the scores it ended with."""


def go_through(components: Components, weights: Path | None) -> Iterator[tuple[str, Scores]]:
    """Go through the stages in order; yield each with the scores that it ended with.

    Args:
        components: The run's.
        weights: The checkpoint that the first stage takes; after `fit` it is the best.
    """
    config = components.config
    with components.stop.listening():
        for stage in config.stages:
            if stage == "quote":
                continue  # it was made before there was a folder
            components.stop.obey()
            work = write_continuation if writes_text(stage, config.tree) else STAGES[stage]
            yield stage, work(components, weights)
            weights = best_weights(config.run_folder) if stage == "fit" else weights
