from types import SimpleNamespace
from typing import Any

import pytest
from optuna.trial import TrialState, create_trial

from priced.sweep import tally as module
from priced.sweep.tally import best_trial, tally


def make_trial(number: int, state: TrialState, value: float | None = None) -> Any:
    trial = create_trial(state=state, value=value)
    trial.number = number
    return trial


TRIALS = [
    make_trial(0, TrialState.COMPLETE, 0.5),
    make_trial(1, TrialState.COMPLETE, 0.7),
    make_trial(2, TrialState.COMPLETE, 0.7),
    make_trial(3, TrialState.PRUNED, 0.9),
    make_trial(4, TrialState.FAIL),
    make_trial(5, TrialState.RUNNING),
    make_trial(6, TrialState.WAITING),
]


def make_plan(direction: str = "maximize", total: int | None = 20) -> Any:
    base = SimpleNamespace(ledger="sqlite:///none.db")
    return SimpleNamespace(id="s", base=base, directions=[direction], total=lambda: total)


@pytest.mark.parametrize(("direction", "best"), [("maximize", 1), ("minimize", 0)])
def test_the_best_is_the_earliest_of_those_that_are_done(direction: str, best: int) -> None:
    found = best_trial(make_plan(direction), TRIALS)
    assert found is not None
    assert found.number == best
    assert best_trial(make_plan(), TRIALS[3:]) is None


def test_trials_are_counted_and_the_rest_is_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "sum_spent", lambda ledger, sweep: (2.5, 100.0))
    found = tally(make_plan(), TRIALS)
    assert (found.done, found.pruned, found.failed) == (3, 1, 1)
    assert (found.running, found.waiting, found.ended) == (1, 1, 5)
    assert found.forecast_usd == pytest.approx(2.5 / 5 * 20)
    assert tally(make_plan(total=None), TRIALS).forecast_usd is None
    assert tally(make_plan(), TRIALS[5:]).forecast_usd is None
