"""Sweeps by the launchers that are extras, on the real thing: processes, SLURM, ray, PostgreSQL."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.verb.test_train import wait_for
from tests.conftest import ROOT
from tests.sweep.conftest import OWN, TINY, rows
from tests.sweep.test_faults import LAST, SLOW, begin, check_whole, finished, in_trial, leases

SERVICE = ROOT / "tests" / "service"
RAY_PYTHON = os.environ.get("PRICED_TEST_RAY_PYTHON") or None
"""The interpreter of an environment with priced[ray]: ray lives in one of its own."""


@pytest.mark.slow
def test_joblib_runs_workers_side_by_side_that_wait_for_nobody(hill: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no priced[joblib]")
    words = ("hydra/launcher=joblib", "sweep.n_jobs=2", "sweep.name=s")
    process = begin(*words, "task.seconds=5,0.1,0.11,0.12,0.13", cwd=hill)
    said = finished(process)
    assert process.returncode == 0, said
    check_whole(hill, 5)
    found = rows(hill / "logs/sweeps/s")
    slow_ended = found[0]["ended_at"]
    assert all(row["ended_at"] < slow_ended for row in found[1:]), "no batch waits for its slowest"
    long = float(found[0]["usd"]) / float(found[0]["seconds"])
    alone = 0.04 / 3600
    assert long < 0.75 * alone * 1.5, "two workers share the price of the machine"


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if shutil.which("slurmctld") is None or shutil.which("slurmdbd") is None or os.getuid():
        pytest.skip("no SLURM from Debian's packages, or not root")
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="no priced[submitit]")
    folder = Path("/tmp") / f"priced-slurm-{os.getpid()}"
    subprocess.run([SERVICE / "start-slurm.sh", folder], check=True, stdout=subprocess.DEVNULL)
    before = os.environ.get("SLURM_CONF")
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    yield folder
    subprocess.run([SERVICE / "stop-slurm.sh", folder], check=True)
    os.environ.pop("SLURM_CONF")
    if before is not None:
        os.environ["SLURM_CONF"] = before
    shutil.rmtree(folder, ignore_errors=True)


SUBMITIT = (
    *("hydra/launcher=submitit_slurm", "hydra.launcher.partition=main"),
    *("hydra.launcher.cpus_per_task=1", "hydra.launcher.timeout_min=10", "sweep.n_jobs=2"),
)


@pytest.mark.slow
def test_submitit_runs_workers_as_jobs_of_a_real_slurm(hill: Path, slurm: Path) -> None:
    process = begin(*SLOW, *SUBMITIT, "sweep.n_trials=6", cwd=hill)
    said = finished(process, 400)
    assert process.returncode == 0, said
    check_whole(hill, 6)


@pytest.mark.slow
def test_a_killed_job_of_slurm_is_replaced(hill: Path, slurm: Path) -> None:
    process = begin(*SLOW, *LAST, *SUBMITIT, "sweep.n_trials=6", cwd=hill)
    wait_for(in_trial(hill, 1), 200)
    os.kill(leases(hill)[0], signal.SIGKILL)
    said = finished(process, 500)
    assert process.returncode == 0, said
    check_whole(hill, 6)


@pytest.mark.slow
@pytest.mark.skipif(RAY_PYTHON is None, reason="PRICED_TEST_RAY_PYTHON names no interpreter")
def test_ray_runs_workers_on_a_local_cluster(hill: Path) -> None:
    words = ("hydra/launcher=ray", "sweep.n_jobs=2", "sweep.n_trials=6")
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [str(RAY_PYTHON), str(ROOT / "train.py"), *OWN, "-m", *TINY, *SLOW, *words]
    done = subprocess.run(
        command, cwd=hill, env=env, text=True, capture_output=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    check_whole(hill, 6)


@pytest.mark.slow
def test_four_workers_share_a_study_in_postgresql(hill: Path, database: str) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no priced[joblib]")
    words = ("hydra/launcher=joblib", "sweep.n_jobs=4", "sweep.n_trials=12")
    process = begin(*SLOW, *words, f"sweep.storage={database}", cwd=hill)
    said = finished(process)
    assert process.returncode == 0, said
    check_whole(hill, 12)


@pytest.fixture
def own_postgresql(tmp_path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Start a server that may be killed; yield its address, and how to start and to kill it."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not programs or os.getuid():
        pytest.skip("no PostgreSQL from Debian's packages, or not root")
    home = Path("/tmp") / f"priced-pg-{os.getpid()}"
    home.mkdir()
    shutil.chown(home, "postgres")
    bin_, data = programs[-1].parent, home / "data"
    port = 15500 + os.getpid() % 400
    as_user = ["runuser", "-u", "postgres", "--"]
    subprocess.run(
        [*as_user, bin_ / "initdb", "-D", data, "-A", "trust", "-U", "postgres"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1"
    start = [
        *as_user,
        bin_ / "pg_ctl",
        "-D",
        data,
        "-w",
        "-o",
        options,
        "-l",
        home / "log",
        "start",
    ]
    stop = [*as_user, bin_ / "pg_ctl", "-D", data, "-m", "fast", "stop"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL)
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", start, [str(data)]  # type: ignore[misc]
    subprocess.run(stop, check=False, stdout=subprocess.DEVNULL)
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
def test_a_database_that_is_killed_for_ten_seconds_costs_nothing(
    hill: Path, own_postgresql: tuple[str, list[str], list[str]]
) -> None:
    url, start, [data] = own_postgresql
    words = (*SLOW, *LAST, "sweep.n_trials=5", f"sweep.storage={url}")
    process = begin(*words, cwd=hill)
    wait_for(in_trial(hill, 1))
    for line in Path(data, "postmaster.pid").read_text().splitlines()[:1]:
        for child in subprocess.run(
            ["pgrep", "-P", line], capture_output=True, text=True, check=False
        ).stdout.split():
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(int(child), signal.SIGKILL)
        os.kill(int(line), signal.SIGKILL)
    time.sleep(10)
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL)
    said = finished(process)
    assert process.returncode == 0, said
    check_whole(hill, 5)
