from types import SimpleNamespace
from typing import Any

import pytest

from priced.callback.early_stop import EarlyStop


def trainer_of(epoch: int, score: float, min_epochs: int) -> Any:
    batches = SimpleNamespace(is_last_batch=True)
    return SimpleNamespace(
        callback_metrics={"val/accuracy": score},
        world_size=1,
        should_stop=False,
        current_epoch=epoch,
        global_step=10 * epoch,
        min_epochs=min_epochs,
        min_steps=None,
        fit_loop=SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=batches)),
    )


def stops(scores: list[float], min_epochs: int) -> list[bool]:
    early = EarlyStop("val/accuracy", mode="max", patience=2)
    found = []
    for epoch, score in enumerate(scores):
        trainer = trainer_of(epoch, score, min_epochs)
        early._run_early_stopping_check(trainer)
        found.append(trainer.should_stop)
    return found


@pytest.mark.parametrize(
    ("scores", "min_epochs", "expected"),
    [
        ([0.5, 0.4, 0.4], 0, [False, False, True]),
        ([0.5, 0.4, 0.4, 0.9, 0.95], 5, [False] * 5),
        ([0.5, 0.4, 0.4, 0.4, 0.4], 5, [False] * 4 + [True]),
        ([0.5, 0.4, 0.4], 4, [False] * 3),
    ],
)
def test_a_verdict_before_its_time_does_not_last(
    scores: list[float], min_epochs: int, expected: list[bool]
) -> None:
    assert stops(scores, min_epochs) == expected


def test_what_is_never_logged_is_said() -> None:
    trainer = trainer_of(0, 0.5, 0)
    with pytest.raises(ValueError, match=r"val/steam must be logged .* logged val/accuracy"):
        EarlyStop("val/steam", mode="max")._run_early_stopping_check(trainer)
