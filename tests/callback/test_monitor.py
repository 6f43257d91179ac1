import pytest
import torch

from priced.callback.monitor import agree_metric, gather_objects, read_metric
from tests.callback.fake import Strategy, make_trainer


class Led(Strategy):
    """Rank 0 has read 0.75."""

    def broadcast(self, value: float) -> float:
        return 0.75


def test_what_is_decided_by_is_the_value_of_rank_0() -> None:
    metrics = {"val/loss": torch.tensor(0.25)}
    assert agree_metric(make_trainer(callback_metrics=metrics), "val/loss") == 0.25
    several = make_trainer(callback_metrics=metrics, world_size=2, strategy=Led())
    assert agree_metric(several, "val/loss") == 0.75


def test_a_metric_that_nobody_logged_is_refused_with_those_that_were() -> None:
    trainer = make_trainer(callback_metrics={"val/loss": torch.tensor(0.25)})
    with pytest.raises(ValueError, match=r"val/f2 must be logged by the task, .* val/loss"):
        read_metric(trainer, "val/f2")
    with pytest.raises(ValueError, match="which logged nothing"):
        read_metric(make_trainer(), "val/f2")


def test_a_process_alone_gathers_its_own() -> None:
    assert gather_objects({"a": 1}) == [{"a": 1}]
