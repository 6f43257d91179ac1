"""Lives of the ledger, put together to runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from priced.price.ladder import Crossing
from priced.price.tariff import Tariff
from priced.price.usage import Usage
from priced.record.entry import Entry, Target
from priced.record.runs import SILENT_AFTER, group_lives, merge_scores

CHEAP = Tariff("cheap", 3.6, "a test", "2026-11-28")


def make_life(run: str = "a", life: int = 0, **own: Any) -> Entry:
    usual: dict[str, Any] = {
        "folder": f"logs/{run}",
        "started_at": f"2026-11-28T10:0{life}:00+00:00",
        "stages": ["fit"],
        "status": "done",
        "seconds": 10.0,
        "usd": 0.5,
        "usage": Usage(seconds=10.0, fit_seconds=4.0, steps=9, machine_seconds=20.0),
    }
    return Entry(run=run, life=life, **usual | own)


def cross(rung: float, usd: float, **own: Any) -> Crossing:
    usual: dict[str, Any] = {"score": rung, "epoch": 1, "step": 9, "seconds": 5.0}
    usual |= {"fit_seconds": 4.0, "joules": 0.0, "flops": 0.0, "samples": 9, "tokens": 0}
    return Crossing(usd=usd, rung=rung, **usual | own)


def test_what_all_lives_spent_is_what_a_run_costs() -> None:
    [run] = group_lives([make_life(life=1, usd=0.25), make_life()])
    assert [life.life for life in run.lives] == [0, 1]
    assert (run.usd, run.seconds, run.usage.steps) == (0.75, 20.0, 18)
    assert run.usd_under(CHEAP) == pytest.approx(2 * 20.0 * 3.6 / 3600)


def test_a_group_costs_what_its_members_do_and_they_are_no_runs_of_their_own() -> None:
    group = make_life("g", usd=0.0, seconds=0.0, usage=Usage())
    members = [make_life(f"m{k}", parent="g", started_at=f"2026-11-28T11:0{k}") for k in (1, 0)]
    [run] = group_lives([*members, group])
    assert [member.run for member in run.members] == ["m0", "m1"]
    assert (run.usd, run.seconds) == (1.0, 20.0)
    [alone, _] = group_lives(members)
    assert alone.run == "m1", "without the group each stands for itself, the newest first"


def test_a_later_life_that_only_looks_changes_no_status() -> None:
    lives = [make_life(status="stopped"), make_life(life=1, stages=["test"])]
    assert group_lives(lives)[0].status == "stopped"


@pytest.mark.parametrize(("silent", "status"), [(False, "running"), (True, "died")])
def test_a_life_that_gives_no_sign_has_died(silent: bool, status: str) -> None:
    last = datetime.now(UTC) - (2 * SILENT_AFTER if silent else timedelta())
    life = make_life(status="running", updated_at=last.isoformat())
    assert group_lives([life])[0].status == status


def test_a_test_of_weights_that_were_trained_further_is_left_out() -> None:
    tested = {"val/loss": 2.0, "test/loss": 2.5}
    trained = make_life(scores={"val/loss": 1.0})
    assert merge_scores(tested, trained) == {"val/loss": 1.0}
    group = replace(trained, usage=Usage())
    assert merge_scores(tested, group) == {"val/loss": 1.0}, "its members trained"
    idle = replace(trained, usage=Usage(seconds=3.0))
    assert merge_scores(tested, idle) == {"val/loss": 1.0, "test/loss": 2.5}
    looks = make_life(stages=["test"], scores={"test/loss": 1.5})
    assert merge_scores(tested, looks) == {"val/loss": 2.0, "test/loss": 1.5}
    [run] = group_lives([make_life(scores=tested), make_life(life=1, scores={"val/loss": 1.0})])
    assert run.scores == {"val/loss": 1.0}


def test_rungs_are_those_of_the_goal_that_the_run_goes_by_now() -> None:
    old = make_life(target=Target(metric="val/loss", mode="min"), rungs=(cross(0.5, 1.0),))
    goal = Target(metric="val/accuracy", mode="max")
    [run] = group_lives([old, make_life(life=1, target=goal)])
    assert run.rungs == ()
    new = make_life(life=1, target=goal, rungs=(cross(0.9, 2.0, machine_seconds=10.0),))
    [run] = group_lives([old, new])
    assert [one.rung for one in run.rungs] == [0.9]
    assert run.rungs_under(CHEAP)[0].usd == pytest.approx(0.01)


def test_the_command_is_that_of_the_last_training() -> None:
    first = make_life(overrides=["model=mlp", "seed=1", "max_epochs=3"])
    longer = make_life(life=1, overrides=["run=last", "max_epochs=5", "tags=[a b]"])
    looks = make_life(life=2, stages=["test"], overrides=["run=last", "data.path=other.csv"])
    [run] = group_lives([first, longer, looks])
    assert run.command == "python train.py model=mlp seed=1 max_epochs=5 'tags=[a b]'"
