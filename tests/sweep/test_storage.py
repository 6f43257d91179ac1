"""Where a study is kept: each storage, what a kill leaves of it, and a server that is away."""

import json
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from sqlalchemy import create_engine, text

from priced.sweep.storage import KernelLock, mend, open_storage, patiently
from tests.conftest import ROOT


def _ask(url: str | None, folder: str, name: str, trials: int) -> None:
    study = optuna.create_study(
        storage=open_storage(url, Path(folder)), study_name=name, load_if_exists=True
    )
    for _ in range(trials):
        trial = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
        study.tell(trial, trial.params["x"])


@pytest.fixture(params=["journal", "sqlite", "postgresql", "grpc"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | None]:
    if request.param == "journal":
        yield None
    elif request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/study.db"
    elif request.param == "postgresql":
        yield request.getfixturevalue("database")
    else:
        yield from _proxy(tmp_path)


def _proxy(tmp_path: Path) -> Iterator[str]:
    """Serve a SQLite study through Optuna's own proxy, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import optuna\n"
        f"storage = optuna.storages.RDBStorage('sqlite:///{tmp_path}/proxied.db')\n"
        f"optuna.storages.run_grpc_proxy_server(storage, host='127.0.0.1', port={port})\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code], stderr=subprocess.DEVNULL
    )
    try:
        storage = open_storage(f"grpc://127.0.0.1:{port}", tmp_path)
        patiently(storage.get_all_studies, 60)
        yield f"grpc://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def test_processes_share_a_study_in_every_storage(url: str | None, tmp_path: Path) -> None:
    name = f"shared-{tmp_path.name}"
    _ask(url, str(tmp_path), name, 1)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_ask, args=(url, str(tmp_path), name, 10)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    study = optuna.load_study(study_name=name, storage=open_storage(url, tmp_path))
    assert sorted(trial.number for trial in study.trials) == list(range(41))
    assert {trial.state.name for trial in study.trials} == {"COMPLETE"}


@pytest.mark.parametrize("cut", [1, 7, 30])
def test_a_torn_last_line_costs_one_record_at_most_and_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cut: int
) -> None:
    _ask(None, str(tmp_path), "s", 3)
    journal = tmp_path / "study.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-cut])
    with caplog.at_level("WARNING"):
        _ask(None, str(tmp_path), "s", 1)
    assert "torn line" in caplog.text
    lines = journal.read_bytes().splitlines()
    assert all(json.loads(line) for line in lines)
    study = optuna.load_study(study_name="s", storage=open_storage(None, tmp_path))
    assert len(study.trials) == 4
    assert sum(trial.state.name == "COMPLETE" for trial in study.trials) >= 3


def test_a_whole_journal_is_left_alone(tmp_path: Path) -> None:
    _ask(None, str(tmp_path), "s", 2)
    before = (tmp_path / "study.journal").read_bytes()
    mend(tmp_path / "study.journal")
    assert (tmp_path / "study.journal").read_bytes() == before


def test_a_killed_writer_leaves_no_lock(tmp_path: Path) -> None:
    journal = tmp_path / "study.journal"
    journal.touch()
    code = (
        "import os, signal; from pathlib import Path\n"
        "from priced.sweep.storage import KernelLock\n"
        f"KernelLock(Path({str(journal)!r})).acquire(); print('held', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert "held" in done.stdout
    assert KernelLock(journal).acquire(), "it would wait for good for one that lives"


def test_a_storage_that_comes_back_is_waited_for() -> None:
    calls = []

    def ask() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise optuna.exceptions.StorageInternalError("away")
        return 7

    assert patiently(ask) == 7


def test_another_error_is_not_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 // 0)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:canary@127.0.0.1:1/none"
    with pytest.raises(ValueError, match="cannot be used") as refused:
        open_storage(url, tmp_path)
    assert "canary" not in str(refused.value)


def test_connections_that_a_server_dropped_are_made_anew(tmp_path: Path, database: str) -> None:
    storage = open_storage(database, tmp_path)
    name = f"dropped-{tmp_path.name}"
    study = optuna.create_study(storage=storage, study_name=name)
    study.tell(study.ask(), 1.0)
    engine = create_engine(database)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    engine.dispose()
    patiently(lambda: study.tell(study.ask(), 2.0))
    assert len(study.trials) >= 2
