from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from priced.callback.ladder import Ladder
from priced.callback.price import Spent
from priced.price.usage import Usage
from tests.callback.fake import make_trainer

USAGE = Usage(seconds=4.0, fit_seconds=3.0, samples=80, joules=50.0)


def make_ladder(file: Path, stop_at_top: bool = False) -> Ladder:
    price: Any = SimpleNamespace(
        usage=lambda trainer: USAGE, add_up_spent=lambda trainer: Spent(4.0, 50.0, 0.25)
    )
    return Ladder(file, "val/accuracy", "max", [0.5, 0.9], stop_at_top, price)


def validate(ladder: Ladder, score: float, **own: Any) -> Any:
    trainer = make_trainer(callback_metrics={"val/accuracy": torch.tensor(score)}, **own)
    ladder.on_validation_end(trainer, None)  # type: ignore[arg-type]
    return trainer


def test_each_rung_keeps_what_had_been_used_when_it_was_first_crossed(tmp_path: Path) -> None:
    ladder = make_ladder(tmp_path / "curve.jsonl")
    for epoch, score in enumerate((0.4, 0.6, 0.55)):
        validate(ladder, score, current_epoch=epoch)
    [crossing] = ladder.crossings()
    assert (crossing.rung, crossing.epoch, crossing.usd) == (0.5, 2, 0.25)
    assert make_ladder(tmp_path / "curve.jsonl").curve == ladder.curve, "a later life takes it up"


def test_training_ends_at_the_top_where_that_is_asked_for(tmp_path: Path) -> None:
    ladder = make_ladder(tmp_path / "curve.jsonl", stop_at_top=True)
    assert not validate(ladder, 0.6).should_stop
    assert validate(ladder, 0.95).should_stop
    assert not validate(make_ladder(tmp_path / "other.jsonl"), 0.95).should_stop


def test_only_validations_of_training_are_noted_and_only_by_rank_0(tmp_path: Path) -> None:
    ladder = make_ladder(tmp_path / "curve.jsonl")
    validate(ladder, 0.6, sanity_checking=True)
    validate(ladder, 0.6, state=SimpleNamespace(fn="validate"))
    validate(ladder, 0.6, is_global_zero=False)
    assert not ladder.curve
    assert not (tmp_path / "curve.jsonl").exists()
