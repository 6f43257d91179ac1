"""A sweep over a known function, in the test's own folder."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from priced.cli.verb.train import train
from tests.record.test_ledger import POSTGRESQL

KNOWN = Path(__file__).with_name("known.py")
HEIGHT = """\
# @package _global_
# A hill whose top is known.
task:
  _target_: known.Height
target:
  metric: val/height
  mode: max
  rungs: [0.9]
"""
RATE = "rate:\n  _target_: known.Rate\n"
OWN = ("--config-dir", "own", "--allow", "known")
TINY = (
    *(
        "task=height",
        "data=wine",
        "max_epochs=1",
        "stages=[fit]",
        "logger=none",
        "schedule=constant",
    ),
    *("model.width=4", "model.depth=1", "callback=[]"),
)
"""Runs of a tenth of a second: what they score is known, so they need not learn."""

Sweep = Callable[..., int]


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    """Put the known task beside the test's runs, as a user's own."""
    shutil.copy(KNOWN, tmp_path / "known.py")
    for group, name, option in (("task", "height", HEIGHT), ("callback", "rate", RATE)):
        (tmp_path / "own" / group).mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / group / f"{name}.yaml").write_text(option)
    return tmp_path


@pytest.fixture
def sweep(hill: Path, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """Sweep over the hill in this process, where torch is loaded already."""

    def of(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["priced"])
        monkeypatch.delenv("PRICED_ALLOW", raising=False)
        return train([*OWN, "-m", *TINY, *words])

    return of


@pytest.fixture
def database() -> Iterator[str]:
    """Make a database of its own on the server that CI starts; yield its address."""
    if POSTGRESQL is None:
        pytest.skip("PRICED_TEST_POSTGRESQL names no server")
    name = f"study_{os.getpid()}_{next(_COUNT)}"
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{POSTGRESQL.rpartition('/')[0]}/{name}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


_COUNT = itertools.count()


def rows(folder: Path) -> Sequence[dict[str, str]]:
    """Return a sweep's table of trials."""
    import csv

    with (folder / "trials.csv").open() as lines:
        return list(csv.DictReader(lines))
