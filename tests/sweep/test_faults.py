"""What a sweep survives: failed and killed trials, dead workers, a dead parent, a stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from priced.cli.verb.train import train
from priced.record.ledger import entries
from tests.cli.verb.test_train import wait_for
from tests.conftest import ROOT
from tests.sweep.conftest import OWN, TINY, Sweep, rows

SLOW = ("sweep=random", "sweep.name=s", "task.x=interval(0.0,1.0)", "sweep.use_space=false")
LAST = ("max_epochs=12", "task.seconds=0.15")


def begin(*words: str, cwd: Path) -> "subprocess.Popen[str]":
    """Start a sweep over the hill as a process of its own group."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "train.py"), *OWN, "-m", *TINY, *words]
    return subprocess.Popen(
        command, cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip


def finished(process: "subprocess.Popen[str]", seconds: float = 240) -> str:
    said, _ = process.communicate(timeout=seconds)
    return said


def leases(folder: Path) -> list[int]:
    """Return the processes that have a trial now."""
    found = []
    for file in (folder / "logs/sweeps/s/leases").glob("[0-9]*.json"):
        try:
            found.append(json.loads(file.read_text())["pid"])
        except (OSError, ValueError):
            continue
    return found


def in_trial(folder: Path, number: int) -> Callable[[], bool]:
    """Say whether a trial is past its first epoch."""
    curve = folder / f"logs/sweeps/s/{number}/curve.jsonl"
    return lambda: curve.is_file() and len(curve.read_text().splitlines()) > 1


def check_whole(folder: Path, total: int) -> None:
    """Hold a sweep against what it must be: each trial there, ended once."""
    found = rows(folder / "logs/sweeps/s")
    assert [row["trial"] for row in found] == [str(k) for k in range(total)]
    assert {row["state"] for row in found} == {"done"}
    ledger = f"sqlite:///{folder}/logs/ledger.db"
    for number in range(total):
        done = [e for e in entries(ledger, trial=number) if e.status == "done"]
        assert len(done) == 1, f"trial {number} ran to its end {len(done)} times"


def test_trials_that_fail_are_recorded_and_the_others_run(
    sweep: Sweep, hill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("sweep.name=s", "task.deed=none,raise,lost,memory,other", "max_epochs=2")
    assert sweep(*words) == 1
    found = rows(hill / "logs/sweeps/s")
    assert [row["state"] for row in found] == ["done", "failed", "failed", "failed", "done"]
    out = capsys.readouterr().out
    assert "3 of 5 trials failed:" in out
    assert "trial 1: ArithmeticError: no steam" in out
    assert "trial 2: val/height is nan" in out
    assert "trial 3: MemoryError" in out
    for row in found:
        assert float(row["usd"]) > 0, "failed ones are paid for too"
    statuses = {e.trial: e.status for e in entries(f"sqlite:///{hill}/logs/ledger.db")}
    assert statuses[1] == "failed"


def test_a_sweep_ends_once_more_fail_than_may(
    sweep: Sweep, hill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("sweep=random", "sweep.name=s", "sweep.n_trials=20", "task.deed=raise")
    assert sweep(*words, "task.x=interval(0.0,1.0)", "sweep.max_failure_rate=0.1") == 1
    assert len(rows(hill / "logs/sweeps/s")) == 3
    assert "more trials failed than sweep.max_failure_rate allows" in capsys.readouterr().out


@pytest.mark.slow
def test_a_killed_parent_is_started_again_and_nothing_is_lost_or_twice(hill: Path) -> None:
    words = (*SLOW, *LAST, "sweep.n_trials=4")
    process = begin(*words, cwd=hill)
    wait_for(in_trial(hill, 1))
    process.kill()
    finished(process)
    again = begin(*words, cwd=hill)
    said = finished(again)
    assert again.returncode == 0, said
    assert "trial 1 was left by a dead worker" in said
    check_whole(hill, 4)
    lives = entries(f"sqlite:///{hill}/logs/ledger.db", trial=1)
    assert [life.status for life in lives] == ["done", "died"], "what the dead one cost counts"
    assert lives[0].run == lives[1].run


@pytest.mark.slow
def test_a_killed_worker_of_several_is_replaced_and_nothing_is_lost_or_twice(hill: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no priced[joblib]")
    words = (*SLOW, *LAST, "sweep.n_trials=6", "sweep.n_jobs=3", "hydra/launcher=joblib")
    process = begin(*words, cwd=hill)
    wait_for(in_trial(hill, 1))
    os.kill(leases(hill)[0], signal.SIGKILL)
    said = finished(process)
    assert process.returncode == 0, said
    assert "a worker died" in said
    check_whole(hill, 6)


@pytest.mark.slow
def test_a_trial_that_always_kills_its_worker_fails_in_the_end(hill: Path) -> None:
    words = (
        "sweep.name=s",
        "task.deed=kill_always,none",
        "hydra/launcher=joblib",
        "sweep.n_jobs=2",
    )
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no priced[joblib]")
    process = begin(*words, cwd=hill)
    said = finished(process)
    assert process.returncode == 1, said
    found = rows(hill / "logs/sweeps/s")
    assert [row["state"] for row in found] == ["failed", "done"]
    assert "its worker died 3 times" in said


@pytest.mark.parametrize(
    ("number", "code", "launcher"),
    [
        pytest.param(signal.SIGINT, 130, "joblib", marks=pytest.mark.slow),
        (signal.SIGTERM, 143, "basic"),
        pytest.param(signal.SIGINT, 130, "basic", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 143, "joblib", marks=pytest.mark.slow),
    ],
)
def test_a_stop_saves_what_runs_and_it_is_gone_on_with(
    hill: Path, number: signal.Signals, code: int, launcher: str
) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no priced[joblib]")
    words = (*SLOW, *LAST, "sweep.n_trials=3", f"hydra/launcher={launcher}", "sweep.n_jobs=2")
    process = begin(*words, "callback=[checkpoint]", cwd=hill)
    wait_for(in_trial(hill, 1))
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does: to all of them
    else:
        process.send_signal(number)
    said = finished(process, 60)
    assert process.returncode == code, said
    assert "go on with python train.py --allow known -m sweep.name=s" in said
    states = [row["state"] for row in rows(hill / "logs/sweeps/s")]
    assert "waiting" in states
    assert "failed" not in states
    assert not leases(hill)
    again = begin(*words, "callback=[checkpoint]", cwd=hill)
    said = finished(again)
    assert again.returncode == 0, said
    check_whole(hill, 3)


@pytest.mark.slow
def test_a_second_signal_ends_a_sweep_at_once(hill: Path) -> None:
    process = begin(*SLOW, "task.seconds=600", "sweep.n_trials=3", cwd=hill)
    wait_for(lambda: leases(hill))
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    said = finished(process, 60)
    assert process.returncode == 130, said
    assert rows(hill / "logs/sweeps/s")[0]["state"] == "waiting"


@pytest.mark.slow
def test_workers_whose_parent_is_killed_end_and_leave_their_trials(hill: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no priced[joblib]")
    words = (*SLOW, *LAST, "sweep.n_trials=40", "sweep.n_jobs=2", "hydra/launcher=joblib")
    process = begin(*words, cwd=hill)
    wait_for(in_trial(hill, 1))
    workers = leases(hill)
    process.kill()
    finished(process)
    wait_for(lambda: not any(map(psutil.pid_exists, workers)), 60)


@pytest.mark.slow
def test_two_commands_that_name_one_sweep_share_it(hill: Path) -> None:
    words = (*SLOW, "sweep.n_trials=8", "task.seconds=0.5")
    both = [begin(*words, cwd=hill) for _ in range(2)]
    said = [finished(process) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    check_whole(hill, 8)


@pytest.mark.slow
def test_every_rank_of_a_trial_has_its_learning_rate(hill: Path) -> None:
    ranks = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    words = ("sweep=random", "sweep.name=s", "sweep.n_trials=3", "callback=[checkpoint,rate]")
    turned = ("optimizer.lr=tag(log,interval(1e-4,1e-1))", "sweep.use_space=false")
    process = begin(*words, *ranks, *turned, cwd=hill)
    said = finished(process)
    assert process.returncode == 0, said
    found = rows(hill / "logs/sweeps/s")
    assert len({row["optimizer.lr"] for row in found}) == 3
    for row in found:
        for rank in (0, 1):
            own = Path(row["folder"]) / f"rate-{rank}"
            assert float(own.read_text()) == float(row["optimizer.lr"])


@pytest.mark.slow
def test_ranks_with_different_configs_end_before_the_first_step(hill: Path) -> None:
    (hill / "sitecustomize.py").write_text(
        "import os\n"
        "key = 'PRICED_RANK_CONFIG'\n"
        "if key in os.environ:\n"
        "    os.environ[key] = os.environ[key].replace('lr: 0.25', 'lr: 0.5')\n"
    )
    ranks = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{hill}", "OMP_NUM_THREADS": "1"}
    words = [*OWN, "-m", *TINY, *ranks, "sweep.name=s", "optimizer.lr=0.25,0.1"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *words],
        cwd=hill, env=env, text=True, capture_output=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    first, second = rows(hill / "logs/sweeps/s")
    assert "all ranks must have one config: rank 1 has" in first["error"]
    assert (first["state"], second["state"]) == ("failed", "done")


def test_a_budget_that_is_spent_in_a_trial_ends_the_sweep_as_a_budget(
    sweep: Sweep, hill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*SLOW, "max_epochs=400", "task.seconds=0.2", "sweep.n_trials=9")
    assert sweep(*words, "sweep.budget_seconds=2") == 3
    out = capsys.readouterr().out
    assert "has spent its budget" in out
    assert "--allow known -m sweep.name=s" in out, "what it says goes on"
    assert [row["state"] for row in rows(hill / "logs/sweeps/s")] == ["waiting"]


def test_a_trial_that_exits_or_has_a_database_of_its_own_fails_alone(
    sweep: Sweep, hill: Path
) -> None:
    assert sweep("sweep.name=s", "task.deed=exit,database,none") == 1
    found = rows(hill / "logs/sweeps/s")
    assert [row["state"] for row in found] == ["failed", "failed", "done"]
    assert "SystemExit" in found[0]["error"]
    assert "OperationalError" in found[1]["error"]
    for file in (hill / "logs/sweeps/s").rglob("*"):
        if file.is_file():
            assert b"canary" not in file.read_bytes(), f"{file} has a password"


def test_what_was_asked_last_stays_asked(sweep: Sweep, hill: Path) -> None:
    assert sweep(*SLOW, "sweep.n_trials=1") == 0
    assert train(["--allow", "known", "-m", "sweep.name=s", "sweep.n_trials=3"]) == 0
    assert train(["--allow", "known", "-m", "sweep.name=s"]) == 0
    assert len(rows(hill / "logs/sweeps/s")) == 3


def test_of_a_list_no_more_are_run_than_are_asked_for(sweep: Sweep, hill: Path) -> None:
    words = ("sweep.name=s", "task.x=0.1,0.2,0.3,0.4,0.5,0.6")
    assert sweep(*words, "sweep.n_trials=2") == 0
    assert sweep(*words, "sweep.n_trials=4") == 0
    assert len(rows(hill / "logs/sweeps/s")) == 4


def test_a_search_without_m_is_refused(hill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train([*OWN, *TINY, "sweep=tpe"]) == 2
    assert "sweep=tpe needs -m" in capsys.readouterr().err


def test_a_project_around_its_options_is_not_copied(sweep: Sweep, hill: Path) -> None:
    for group in ("task", "callback"):
        (hill / group).symlink_to(hill / "own" / group)
    words = ["--config-dir", ".", "--allow", "known", "-m", *TINY, "sweep.name=s", "task.x=0.1,0.3"]
    assert train(words) == 0
    kept = {file.name for file in (hill / "logs/sweeps/s/conf/own-0").iterdir()}
    assert "logs" not in kept
    assert "known.py" not in kept
    assert "task" in kept
