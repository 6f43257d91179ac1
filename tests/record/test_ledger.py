import json
import multiprocessing
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from priced.price.target import Target
from priced.record.entries import read_entries
from priced.record.entry import Entry, plain_entry, read_entry
from priced.record.ledger import append, close, entries, newest, replace_all
from priced.record.runs import group_lives

KEPT = Path(__file__).parent.parent / "record" / "kept"
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
        for table in ("entry", "alembic_version"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
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
    [run] = [run for run in group_lives(entries(url)) if run.run == "a"]
    assert (run.seconds, run.usd, run.last.status) == (6.0, 1.5, "done")
    assert run.scores == {"test/accuracy": 0.2}


def test_the_largest_seed_fits(url: str) -> None:
    append(entry("a", seed=2**32 - 1), url)
    assert entries(url)[0].seed == 2**32 - 1


def test_a_life_is_entered_once(url: str) -> None:
    append(entry("a"), url)
    with pytest.raises(ValueError, match="cannot be used"):
        append(entry("a"), url)


def _write(url: str, worker: int, acknowledged: Path) -> None:
    with (acknowledged / str(worker)).open("a") as told:
        for k in range(200):
            append(entry(f"{worker}-{k}"), url)
            told.write(f"{worker}-{k}\n")
            told.flush()


@pytest.mark.slow
def test_sixteen_processes_write_at_once_one_is_killed_and_nothing_is_lost(
    url: str, tmp_path: Path
) -> None:
    told = tmp_path / "acknowledged"
    told.mkdir()
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_write, args=(url, k, told)) for k in range(16)]
    for worker in workers:
        worker.start()
    end = time.monotonic() + 120
    while not (told / "7").exists() or len((told / "7").read_text().splitlines()) < 60:
        assert time.monotonic() < end, "worker 7 does not get on"
        time.sleep(0.01)
    workers[7].kill()
    for worker in workers:
        worker.join()
    assert [w.exitcode for k, w in enumerate(workers) if k != 7] == [0] * 15
    assert workers[7].exitcode == -9
    acknowledged = [line for file in told.iterdir() for line in file.read_text().split()]
    found = [e.run for e in entries(url)]
    assert len(set(found)) == len(found), "each is there once"
    assert set(acknowledged) <= set(found), "every acknowledged entry is there"
    assert len(set(found) - set(acknowledged)) <= 1, "but for one that was never acknowledged"
    assert len(acknowledged) >= 15 * 200 + 60


OLD_TABLE = """
CREATE TABLE entry (
    run VARCHAR NOT NULL, life INTEGER NOT NULL, folder VARCHAR NOT NULL,
    started_at VARCHAR NOT NULL, status VARCHAR NOT NULL, model VARCHAR NOT NULL,
    data VARCHAR NOT NULL, task VARCHAR NOT NULL, experiment VARCHAR NOT NULL,
    stages JSON NOT NULL, seed INTEGER NOT NULL, precision VARCHAR NOT NULL,
    host VARCHAR NOT NULL, tags JSON NOT NULL, overrides JSON NOT NULL, scores JSON NOT NULL,
    usage JSON NOT NULL, tariff JSON NOT NULL, seconds FLOAT NOT NULL, usd FLOAT NOT NULL,
    PRIMARY KEY (run, life)
)
"""
"""As the first version of this project made it."""


def _make_old(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(OLD_TABLE))
        connection.execute(
            text(
                "INSERT INTO entry VALUES ('old', 0, 'f', '2026-11-23', 'done', 'mlp', 'digits', "
                "'classification', '', '[\"fit\"]', 3, '32-true', 'here', '[]', '[]', "
                '\'{"test/accuracy": 0.5}\', \'{"seconds": 3600, "devices": 2, "nodes": 1}\', '
                ":tariff, 3600, 0.05)"
            ),
            {"tariff": json.dumps(OLD_TARIFF)},
        )
    engine.dispose()


OLD_TARIFF = {
    "name": "local", "usd_per_hour": 0.04, "source": "", "as_of": "", "watts": 50,
    "usd_per_kwh": 0.2,
}  # fmt: skip


def test_a_ledger_of_an_older_version_is_brought_up_to_date_and_costs_what_it_did(
    tmp_path: Path, url: str
) -> None:
    (tmp_path / "deep").mkdir(exist_ok=True)
    _make_old(url)
    append(entry("new"), url)
    [old] = entries(url, "old")
    assert (old.seed, old.status, old.scores) == (3, "done", {"test/accuracy": 0.5})
    assert old.usage.joules == 50 * 3600
    assert old.target == Target("val/accuracy", "max")
    assert old.usage.device_seconds == 2 * 3600
    assert old.tariff.price(old.seconds, old.usage.joules) == pytest.approx(old.usd)
    assert {e.run for e in entries(url)} == {"old", "new"}


def test_the_migrations_make_the_table_that_the_code_writes(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from priced.record.ledger import _ENTRY

    append(entry("a"), url)
    engine = create_engine(url)
    with engine.connect() as connection:
        changes = compare_metadata(MigrationContext.configure(connection), _ENTRY.metadata)
    engine.dispose()
    assert [c for c in changes if "index" not in str(c[0])] == []


def test_a_ledger_of_a_newer_version_is_refused(url: str) -> None:
    append(entry("a"), url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ValueError, match=r"version 9999, newer than .* upgrade priced"):
        entries(url)
    with pytest.raises(ValueError, match="newer"):
        append(entry("b"), url)


def test_the_newest_runs_come_with_all_their_lives(url: str) -> None:
    for k in range(5):
        append(replace(entry(f"r{k}"), started_at=f"2026-11-2{k}"), url)
    append(replace(entry("r0", 1), started_at="2026-11-30"), url)
    runs = group_lives(newest(url, 2))
    assert [(run.run, len(run.lives)) for run in runs] == [("r0", 2), ("r4", 1)]


@pytest.mark.slow
def test_the_newest_of_a_hundred_thousand_are_had_as_soon_as_of_a_few(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        url = f"sqlite:///{tmp_path}/{count}.db"
        replace_all([replace(entry(f"{k:06}"), usage={"seconds": 2.0}) for k in range(count)], url)
        newest(url, 20)
        began = time.process_time()
        newest(url, 20)
        return time.process_time() - began

    few, many = seconds(2_000), seconds(100_000)
    assert many < 30 * few, "fifty times the runs"


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


def test_what_version_0_1_kept_is_read_as_it_was_meant(tmp_path: Path) -> None:
    kept = sqlite3.connect(tmp_path / "ledger.db")
    kept.executescript((KEPT / "ledger_0_1.sql").read_text())
    kept.close()
    found = entries(f"sqlite:///{tmp_path}/ledger.db")
    assert {one.status for one in found} == {"done"}
    [quoted] = [one for one in found if one.quote is not None]
    assert quoted.quote is not None
    assert quoted.quote.error is not None
    assert [one.rung for one in quoted.rungs] == [0.5]
    assert quoted.usage.steps == 82
    assert quoted.tariff.name == "local"
    assert quoted.target.metric == "val/accuracy"
    [folded] = [one for one in group_lives(found) if one.members]
    assert folded.usd == sum(one.usd for one in found if one.parent)
    shutil.copy(KEPT / "entries_0_1.json", tmp_path / "entries.json")
    assert read_entries(tmp_path) == [quoted]


def test_an_entry_has_one_plain_form(url: str) -> None:
    full = entry("a", quote=None, target=Target("val/fid", "min", (5.0,), {"fid": "min"}, True))
    assert plain_entry(full)["quote"] == {}, "as older versions wrote it"
    assert read_entry(json.loads(json.dumps(plain_entry(full)))) == full
    with pytest.raises(ValueError, match="no entry of a ledger"):
        read_entry(plain_entry(full) | {"seconds": "long"})
