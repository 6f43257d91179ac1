from tempfile import mkdtemp

import numpy as np
import pytest

from priced.data.stdlib_topics import FAMILIES
from tests.conftest import Configure
from tests.data.battery import TextBattery, built

CACHE = mkdtemp(prefix="priced-cache-")
"""What all tests here tokenise once."""


class TestStdlibTopics(TextBattery):
    overrides = (
        *("model=bert", "task=classification", "data=stdlib_topics", "data.context=64"),
        f"data.cache={CACHE}",
    )


@pytest.fixture
def words() -> tuple[str, ...]:
    return TestStdlibTopics.overrides


def test_every_family_is_in_every_part(configure: Configure, words: tuple[str, ...]) -> None:
    data = built(configure, *words)
    assert data.class_names == list(FAMILIES)
    for part in (data.train, data.val, data.test):
        shares = np.bincount(part.targets, minlength=7) / len(part)
        assert shares.min() > 0
        assert shares.max() < 0.5, "no family is most of it"


def test_what_a_text_lacks_is_filled_with_what_is_no_token(
    configure: Configure, words: tuple[str, ...]
) -> None:
    data = built(configure, *words)
    x = data.train.inputs  # type: ignore[attr-defined]
    short = x[(x == 256).any(1)]
    assert len(short)
    filled = (short == 256).long()
    assert (filled.diff(dim=1) >= 0).all(), "at the end alone"
