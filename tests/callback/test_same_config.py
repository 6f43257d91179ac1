import pytest

from priced.callback import same_config
from priced.callback.same_config import SameConfig
from tests.callback.fake import make_trainer


def test_a_rank_with_another_config_is_named_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_config, "gather_objects", lambda own: ["a1", "a1", own])
    SameConfig("a1").setup(make_trainer(world_size=3), None, "fit")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rank 2 has b2, rank 0 has a1"):
        SameConfig("b2").setup(make_trainer(world_size=3), None, "fit")  # type: ignore[arg-type]


def test_one_process_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_config, "gather_objects", lambda own: pytest.fail("asked"))
    SameConfig("a1").setup(make_trainer(), None, "fit")  # type: ignore[arg-type]
