from types import SimpleNamespace

import pytest

from priced.callback.budget import BUDGET_EXIT, Budget
from priced.callback.price import Spent
from priced.callback.stop import Stop
from tests.callback.fake import make_trainer


def make_budget(spent: Spent, **limits: float) -> Budget:
    price = SimpleNamespace(add_up_spent=lambda trainer: spent)
    return Budget(limits, price, Stop())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "asked"), [({"usd": 2.0}, False), ({"usd": 1.0}, True), ({"joules": 30.0}, True)]
)
def test_the_step_that_reaches_a_limit_asks_for_a_stop(
    limit: dict[str, float], asked: bool
) -> None:
    budget = make_budget(Spent(seconds=9, joules=30, usd=1.0), **limit)
    budget.on_train_batch_end(make_trainer())
    stopped = budget.stop.requested
    assert (stopped is not None) is asked
    if stopped is not None:
        assert (stopped.exit_code, stopped.status) == (BUDGET_EXIT, "stopped: budget")


def test_whoever_asked_first_is_who_stopped_it() -> None:
    budget = make_budget(Spent(usd=3.0, seconds=9.0), usd=1.0, seconds=1.0)
    budget.on_train_batch_end(make_trainer())
    first = budget.stop.requested
    budget.on_test_batch_end(make_trainer())
    assert budget.stop.requested is first
    assert "budget of 1 usd is reached" in str(first)


@pytest.mark.parametrize(("stage", "asked"), [("fit", False), ("validate", True)])
def test_a_validation_within_training_ends_first(stage: str, asked: bool) -> None:
    budget = make_budget(Spent(usd=1.0), usd=1.0)
    budget.on_validation_batch_end(make_trainer(state=SimpleNamespace(fn=stage)))
    assert (budget.stop.requested is not None) is asked
