import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from priced.callback.stop import Stopped
from priced.compose import Config
from priced.price.usage import Usage
from priced.record.entry import Entry
from priced.record.ledger import entries
from priced.run.life import Life, find_status
from tests.conftest import Configure

Begin = Callable[..., Life]


@pytest.fixture
def begin(configure: Configure, tmp_path: Path) -> Begin:
    """Open a life whose clock stands still: it used two seconds, and cost half a dollar."""

    def of(*words: str, life: int = 0) -> Life:
        config: Config = configure(*words).assign({"folder": str(tmp_path / "run")})
        entry = Entry("a1", life, str(tmp_path / "run"), "2026-01-01T00:00:00+00:00")
        entry = replace(
            entry,
            stages=list(config.stages),
            usage=Usage(device_name="cpu"),
            host=socket.gethostname(),
        )
        made = Life(config, entry, lambda one: replace(one, seconds=2.0, usd=0.5))
        made.enter(None)
        return made

    return of


def status_of(tmp_path: Path) -> str:
    return (tmp_path / "run" / "status").read_text().strip()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "done"),
        (Stopped("at the rung", 3, "stopped: budget"), "stopped: budget"),
        (KeyboardInterrupt(), "stopped"),
        (ArithmeticError("nan"), "failed"),
        (SystemExit(1), "failed"),
    ],
)
def test_what_ends_a_life_is_its_status_everywhere(
    begin: Begin, tmp_path: Path, error: BaseException | None, status: str
) -> None:
    life = begin()
    assert status_of(tmp_path) == "running"
    life.add_scores("fit", {"val/loss": 0.5})
    assert not life.__exit__(type(error), error, None), "and it goes on its way"
    assert find_status(error) == life.entry.status == status_of(tmp_path) == status
    [kept] = entries(life.config.ledger)
    assert kept == life.entry
    assert (kept.seconds, kept.usd, kept.scores) == (2.0, 0.5, {"val/loss": 0.5})
    assert json.loads((tmp_path / "run" / "scores.json").read_text()) == kept.scores
    assert (tmp_path / "run" / "error.txt").exists() == (status == "failed")


@pytest.mark.parametrize(("scored", "status"), [("fit", "failed"), ("test", "done")])
def test_predictions_that_fail_leave_a_run_done_once_all_is_scored(
    begin: Begin, tmp_path: Path, scored: str, status: str
) -> None:
    life = begin("stages=[fit,test,predict]")
    life.add_scores(scored, {})
    with pytest.raises(OSError, match="no room"), life:
        raise OSError("no room")
    assert status_of(tmp_path) == status


def test_a_secret_is_in_no_error(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIDDEN", "correct-horse")
    life = begin("tags=['${oc.env:HIDDEN}']")
    with pytest.raises(ValueError, match="horse"), life:
        raise ValueError("correct-horse is wrong")
    assert "correct-horse" not in (tmp_path / "run" / "error.txt").read_text()


def test_a_sign_of_life_is_the_price_until_then_and_a_ledger_that_is_away_ends_nothing(
    begin: Begin, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    life = begin()
    life.beat()
    [kept] = entries(life.config.ledger)
    assert (kept.status, kept.usd) == ("running", 0.5)
    ledger = tmp_path / "logs" / "ledger.db"
    ledger.rename(tmp_path / "away.db")
    ledger.mkdir()
    life.beat()
    assert "the run goes on" in caplog.text
    ledger.rmdir()
    (tmp_path / "away.db").rename(ledger)
    with life:
        pass
    assert [one.status for one in entries(life.config.ledger)] == ["done"]


def test_silence_fails_a_life_from_a_thread(begin: Begin, tmp_path: Path) -> None:
    life = begin()
    life.fail("rank 1 gave no sign")
    assert status_of(tmp_path) == "failed"
    assert (tmp_path / "run" / "error.txt").read_text() == "rank 1 gave no sign\n"


def test_a_life_that_ended_without_a_word_has_died(begin: Begin, tmp_path: Path) -> None:
    first = begin()
    receipt = json.loads((tmp_path / "run" / "receipt.json").read_text())
    receipt["lives"][0]["pid"] = 2**22 + 1  # nobody's
    (tmp_path / "run" / "receipt.json").write_text(json.dumps(receipt))
    with begin(life=1):
        pass
    found = sorted(entries(first.config.ledger), key=lambda one: one.life)
    assert [one.status for one in found] == ["died", "done"]


def test_a_folder_that_cannot_be_made_is_told_and_leaves_nothing_running(
    begin: Begin, tmp_path: Path, configure: Configure
) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ValueError, match=r"run's folder .*run cannot be written"):
        begin()
    assert [one.status for one in entries(configure().ledger)] == ["failed"]


def test_a_lost_ledger_has_what_was_spent_before(begin: Begin, tmp_path: Path) -> None:
    with begin():
        pass
    (tmp_path / "logs" / "ledger.db").unlink()
    with begin(life=1) as second:
        pass
    assert len(entries(second.config.ledger)) == 2
