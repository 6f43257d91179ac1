"""The trials of a sweep as a state machine: taken, given back, left by the dead."""

from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from priced.sweep import queue as module
from priced.sweep.lease import write_lease
from priced.sweep.outcome import Outcome
from priced.sweep.queue import MOST_LIVES, Lease, Queue

DONE = Outcome("done", values=(0.5,))
FAILED = Outcome("failed", error="no steam")


def make_plan(folder: Path, total: int | None = 4, **own: Any) -> Any:
    """Return what a queue asks of a plan: a list of so many trials."""
    usual = {"sampler": None, "max_failure_rate": 1.0, "budget_usd": None, "budget_seconds": None}
    return SimpleNamespace(
        id="s@1",
        folder=folder,
        directions=["maximize"],
        first=[{"x": k / 10} for k in range(total or 0)],
        total=lambda: total,
        settings=SimpleNamespace(**usual | own),
        base=SimpleNamespace(seed=0, ledger="sqlite:///none.db"),
        space=SimpleNamespace(dimensions={"x": FloatDistribution(0.0, 1.0)}),
    )


def kill(queue: Queue, lease: Lease) -> None:
    """Let the worker that has a trial be dead: its process was born at another time."""
    write_lease(queue.plan.folder, lease.number, replace(lease.holder, born=1.0))


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    made = Queue(make_plan(tmp_path), None)
    made.fill()
    return made


def test_a_list_is_filled_once_and_run_in_order(queue: Queue) -> None:
    queue.fill()
    assert len(queue.trials()) == 4
    taken = [queue.take() for _ in range(5)]
    assert [lease and lease.number for lease in taken] == [0, 1, 2, 3, None]
    assert [lease.trial.params["x"] for lease in taken if lease] == [0.0, 0.1, 0.2, 0.3]
    assert queue.look() == "busy"
    assert all(queue.close(lease, DONE) for lease in taken if lease)
    assert queue.look() == "done"


def test_a_stopped_trial_is_put_back_and_taken_again(queue: Queue) -> None:
    lease = queue.take()
    assert lease is not None
    assert queue.close(lease, Outcome("stopped"))
    again = queue.take()
    assert again is not None
    assert again.number == lease.number
    assert again.holder.life == 0, "nobody died of it"


def test_the_word_of_a_worker_that_was_taken_for_dead_does_not_count(queue: Queue) -> None:
    lease = queue.take()
    assert lease is not None
    kill(queue, lease)
    again = queue.take()
    assert again is not None
    assert (again.number, again.holder.life) == (lease.number, 1)
    assert not queue.close(lease, DONE), "another worker has it"
    assert queue.close(again, DONE)
    assert queue.trials()[0].state == TrialState.COMPLETE


def test_a_trial_that_kills_every_worker_fails(tmp_path: Path) -> None:
    queue = Queue(make_plan(tmp_path, total=1), None)
    queue.fill()
    for life in range(MOST_LIVES):
        lease = queue.take()
        assert lease is not None
        assert (lease.number, lease.holder.life) == (0, life)
        kill(queue, lease)
    assert queue.take() is None
    assert queue.look() == "done"
    assert queue.trials()[0].state == TrialState.FAIL


def test_a_suspect_runs_alone(queue: Queue) -> None:
    for _ in range(MOST_LIVES - 1):
        lease = queue.take()
        assert lease is not None
        kill(queue, lease)
    other = queue.take()
    assert other is not None
    assert other.number == 1, "while others wait, the suspect waits"
    for expected in (2, 3):
        following = queue.take()
        assert following is not None
        assert following.number == expected
        queue.close(following, DONE)
    assert queue.take() is None, "the suspect is not run beside another"
    assert queue.is_blocked()
    queue.close(other, DONE)
    suspect = queue.take()
    assert suspect is not None
    assert suspect.number == 0


@pytest.mark.parametrize(
    ("rate", "ends"), [(0.25, [None, "failures"]), (0.5, [None, None]), (0.0, ["failures"] * 2)]
)
def test_a_sweep_ends_once_too_many_failed(
    tmp_path: Path, rate: float, ends: list[str | None]
) -> None:
    queue = Queue(make_plan(tmp_path, max_failure_rate=rate), None)
    queue.fill()
    found = []
    for _ in ends:
        lease = queue.take()
        if lease is not None:
            queue.close(lease, FAILED)
        found.append(queue.look())
    assert found == ends


def test_a_budget_ends_it_whatever_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent = {"usd": 0.0}
    monkeypatch.setattr(module, "sum_spent", lambda ledger, sweep: (spent["usd"], 10.0))
    queue = Queue(make_plan(tmp_path, budget_usd=1.0), None)
    queue.fill()
    assert queue.look() is None
    spent["usd"] = 1.0
    assert queue.look() == "budget"
    assert queue.take() is None


class Workers(RuleBasedStateMachine):
    """Workers that take, finish, stop and die in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="priced-queue-"))
        self.queue = Queue(make_plan(self.folder, total=3), None)
        self.queue.fill()
        self.held: dict[int, Lease] = {}
        self.dead: list[Lease] = []
        self.workers = 0
        self.told: dict[int, str] = {}

    @rule()
    def take(self) -> None:
        lease = self.queue.take()
        if lease is None:
            return
        assert lease.number not in self.held, "a trial has one worker"
        assert lease.number not in self.told, "what is done is done"
        self.workers += 1  # each is a process of its own, born at a time of its own
        own = replace(lease.holder, born=lease.holder.born + self.workers / 1000)
        write_lease(self.folder, lease.number, own)
        self.held[lease.number] = Lease(lease.trial, own)

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9), outcome=st.sampled_from([DONE, FAILED, Outcome("stopped")]))
    def close(self, choice: int, outcome: Outcome) -> None:
        number = sorted(self.held)[choice % len(self.held)]
        assert self.queue.close(self.held.pop(number), outcome)
        if outcome.status != "stopped":
            self.told[number] = outcome.status

    @precondition(lambda self: self.held)
    @rule(choice=st.integers(0, 9))
    def die(self, choice: int) -> None:
        lease = self.held.pop(sorted(self.held)[choice % len(self.held)])
        kill(self.queue, lease)
        self.dead.append(lease)

    @precondition(lambda self: self.dead)
    @rule()
    def come_back(self) -> None:
        """A worker that was taken for dead tells what came of its trial."""
        lease = self.dead.pop()
        assert not self.queue.close(lease, DONE)

    @invariant()
    def nothing_is_lost_or_twice(self) -> None:
        trials = self.queue.trials()
        assert [trial.number for trial in trials] == [0, 1, 2]
        for number, status in self.told.items():
            assert trials[number].state.name == {"done": "COMPLETE", "failed": "FAIL"}[status]
        for number in self.held:
            assert trials[number].state == TrialState.RUNNING

    def teardown(self) -> None:
        rmtree(self.folder)


TestWorkers = Workers.TestCase
TestWorkers.settings = settings(
    max_examples=20, stateful_step_count=15, deadline=None, derandomize=True
)
