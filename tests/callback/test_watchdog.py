import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from priced.callback import watchdog
from priced.callback.watchdog import Watchdog, limit_waiting
from tests.callback.fake import Strategy, make_trainer


class Gone(BaseException):
    """Stands for the end of the process."""


def test_a_rank_that_gives_no_sign_ends_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    killed: list[int] = []
    other = SimpleNamespace(send_signal=killed.append)
    strategy = Strategy()
    strategy.launcher = SimpleNamespace(procs=[other])  # type: ignore[attr-defined]
    monkeypatch.setattr(watchdog, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(watchdog, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(watchdog.os, "_exit", lambda code: (_ for _ in ()).throw(Gone(code)))
    dog = Watchdog(str(tmp_path))
    heard: list[str] = []
    dog.on_silence = heard.append
    dog.folder.mkdir()
    (dog.folder / "1").write_text("7")  # it gave a sign once
    with pytest.raises(Gone):
        dog._watch(make_trainer(world_size=2, strategy=strategy))
    assert "rank 1 gave no sign of life" in heard[0]
    assert killed == [9]
    assert "the run is ended" in capsys.readouterr().err
    assert (dog.folder / "0").exists(), "its own signs"


def test_a_rank_that_has_not_begun_or_is_through_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(watchdog, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(watchdog.os, "_exit", lambda code: pytest.fail("ended"))
    dog, trainer = Watchdog(str(tmp_path)), make_trainer(world_size=2)
    dog.setup(trainer, None, "fit")  # type: ignore[arg-type]
    time.sleep(0.3)
    dog.teardown(trainer, None, "fit")  # type: ignore[arg-type]
    assert not dog.folder.exists()


def test_one_process_is_not_watched(tmp_path: Path) -> None:
    dog = Watchdog(str(tmp_path))
    dog.setup(make_trainer(), None, "fit")  # type: ignore[arg-type]
    assert not dog.folder.exists()


def test_a_process_group_waits_no_longer_than_it_may() -> None:
    strategy = Strategy()
    strategy._timeout = None  # type: ignore[attr-defined]
    limit_waiting(make_trainer(strategy=strategy))
    assert strategy._timeout is None  # type: ignore[attr-defined]
    limit_waiting(make_trainer(strategy=strategy, world_size=2))
    assert strategy._timeout.total_seconds() == watchdog.COLLECTIVE_SECONDS  # type: ignore[attr-defined]
