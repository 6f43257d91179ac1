from pathlib import Path

import pytest

from tests.conftest import ROOT, Configure
from tests.data.battery import TextBattery, built

INPUT = ROOT.parent / "shared" / "data" / "tinyshakespeare" / "input.txt"


class TestShakespeare(TextBattery):
    overrides = ("data=shakespeare", "data.path=input.txt")

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        speech = "".join(f"Speaker {n}:\nWhat is {n * n} to me?\n\n" for n in range(900))
        (tmp_path / "input.txt").write_text(speech)

    def test_a_missing_file_is_refused(self, configure: Configure) -> None:
        with pytest.raises(ValueError, match=r"data\.path must be a text file"):
            built(configure, "data=shakespeare", "data.path=nowhere.txt")


@pytest.mark.skipif(not INPUT.is_file(), reason=f"no text in {INPUT}")
def test_the_validation_part_is_the_one_that_others_report_on(configure: Configure) -> None:
    data = built(configure, "data=shakespeare", f"data.path={INPUT}")
    text = INPUT.read_text()
    assert data.num_outputs == 65
    val = text[int(0.9 * len(text)) :]
    assert data.tokenizer.decode(data.val.tokens) == val  # type: ignore[attr-defined]
    assert len(val) == 111_540
