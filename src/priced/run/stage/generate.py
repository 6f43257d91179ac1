"""What a model makes of a prompt."""

from pathlib import Path

from priced.build import Components
from priced.data.running import Running
from priced.record.folder import write_text
from priced.run.weights import take_weights
from priced.task.language import Language

CONTINUATION = "continuation.txt"


def write_continuation(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Go on with a prompt; print the text, and write it into the run's folder.

    Args:
        components: The run's.
        weights: The checkpoint that the network takes.
    """
    predict = components.config.predict
    task, trainer = components.task, components.trainer
    assert isinstance(task, Language)
    assert isinstance(components.data, Running)
    assert weights is not None
    assert predict.prompt is not None
    take_weights(task, weights)
    task.to(trainer.strategy.root_device)
    if not trainer.is_global_zero:
        return {}
    with components.meter.phase("predict"):
        text = task.continue_text(
            components.data,
            predict.prompt,
            predict.length,
            predict.temperature,
            predict.top_k,
            components.config.seed,
        )
    write_text(Path(trainer.default_root_dir) / CONTINUATION, text)
    print(text)
    return {}
