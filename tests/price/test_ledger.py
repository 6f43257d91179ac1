import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from priced.price.ledger import Entry, append, close, entries
from priced.price.runs import fold

POSTGRESQL = os.environ.get("PRICED_TEST_POSTGRESQL") or None
"""The address of an empty PostgreSQL; `.ci/run` starts one."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/deep/ledger.db"
        return
    if POSTGRESQL is None:
        pytest.skip("PRICED_TEST_POSTGRESQL names no server")
    _drop(POSTGRESQL)
    yield POSTGRESQL
    _drop(POSTGRESQL)


def _drop(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS entry"))
    engine.dispose()


def entry(run: str, life: int = 0, **fields: object) -> Entry:
    started = f"2026-11-23T10:00:{life:02d}"
    return Entry(run, life, "logs/x", started, seconds=2.0, usd=0.5, **fields)  # type: ignore[arg-type]


def test_an_entry_comes_back_as_it_went_in(url: str) -> None:
    told = entry("a", scores={"test/accuracy": 0.5, "test/roc_auc": None}, tags=["x"], seed=7)
    append(told, url)
    assert entries(url) == [told]


def test_a_closed_entry_says_what_became_of_it(url: str) -> None:
    append(entry("a"), url)
    close(entry("a", status="done"), url)
    assert [e.status for e in entries(url)] == ["done"]


def test_the_lives_of_a_run_add_up(url: str) -> None:
    for life, status in enumerate(["stopped", "failed", "done"]):
        append(entry("a", life, status=status, scores={"test/accuracy": life / 10}), url)
    append(entry("b", status="done"), url)
    assert len(entries(url, "a")) == 3
    [run] = [run for run in fold(entries(url)) if run.run == "a"]
    assert (run.seconds, run.usd, run.last.status) == (6.0, 1.5, "done")
    assert run.scores == {"test/accuracy": 0.2}


def test_a_life_is_entered_once(url: str) -> None:
    append(entry("a"), url)
    with pytest.raises(ValueError, match="cannot be used"):
        append(entry("a"), url)


def _write(url: str, worker: int) -> None:
    for k in range(25):
        append(entry(f"{worker}-{k}"), url)
        close(entry(f"{worker}-{k}", status="done"), url)


def test_sixteen_processes_write_at_once_and_nothing_is_lost(url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_write, args=(url, k)) for k in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 16
    found = entries(url)
    assert len(found) == 400
    assert {e.status for e in found} == {"done"}


def test_sqlite_is_in_wal_mode(tmp_path: Path) -> None:
    append(entry("a"), f"sqlite:///{tmp_path}/ledger.db")
    engine = create_engine(f"sqlite:///{tmp_path}/ledger.db")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()


def test_a_password_is_not_shown() -> None:
    with pytest.raises(ValueError, match="cannot be used") as refused:
        append(replace(entry("a")), "postgresql+psycopg://me:canary@127.0.0.1:1/none")
    assert "canary" not in str(refused.value)
