import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from priced.callback.checkpoint import Checkpoint


class Saves:
    """Stands where a trainer would, and notes what is saved."""

    def __init__(self) -> None:
        self.saved: list[str] = []
        self.callback_metrics: dict[str, float] = {}
        self.state = SimpleNamespace(fn="fit")
        self.sanity_checking = False
        self.world_size = 1
        self.should_stop = False
        self.global_step, self.max_steps = 0, -1
        batches = SimpleNamespace(is_last_batch=True)
        self.fit_loop = SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=batches))

    def save_checkpoint(self, path: Path) -> None:
        self.saved.append(path.name)


@pytest.mark.parametrize(
    ("mode", "scores", "kept"),
    [
        ("max", [0.5, 0.4, 0.5, 0.6], [True, False, True, True]),
        ("min", [0.5, 0.6, 0.4], [True, False, True]),
        ("max", [math.nan, 0.1, math.inf, math.nan], [False, True, False, False]),
    ],
)
def test_the_best_is_kept_and_what_is_no_number_never_is(
    tmp_path: Path, mode: str, scores: list[float], kept: list[bool]
) -> None:
    checkpoint = Checkpoint(str(tmp_path), "val/accuracy", mode)  # type: ignore[arg-type]
    trainer = Saves()
    seen = []
    for score in scores:
        trainer.saved.clear()
        trainer.callback_metrics = {"val/accuracy": score}
        checkpoint.on_validation_end(trainer, None)  # type: ignore[arg-type]
        seen.append(trainer.saved == ["best.ckpt"])
    assert seen == kept
