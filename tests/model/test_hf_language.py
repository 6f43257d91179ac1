from pathlib import Path

import pytest
import torch

from priced.model.hf_language import HFLanguage
from priced.run.run import run
from tests.conftest import Configure
from tests.data.texts import write_texts
from tests.model.pretrained import write_pretrained


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_texts(tmp_path / "notes", 12)
    write_pretrained(tmp_path / "model", [(tmp_path / "notes" / "0.txt").read_text()])


def test_a_pretrained_model_is_trained_on_in_its_own_tokens(configure: Configure) -> None:
    entry = run(
        configure(
            *("model=hf_language", "model.name=model", "data=text", "data.path=notes"),
            *("data.context=16", "data.batch_size=8", "max_epochs=3", "optimizer.lr=0.003"),
            *("logger=none", "callback=[checkpoint]"),
        )
    )
    bits = entry.scores["test/bits_per_byte"]
    assert bits is not None
    assert bits < 3, "letters drawn by how often they come take 4"
    assert (Path(entry.folder) / "samples" / "test.txt").read_text()


def test_it_goes_on_beyond_its_context() -> None:
    model = HFLanguage("model", 300).eval()
    prompt = torch.randint(300, (1, 5))
    said = model.generate(prompt, 40, 0, None)
    assert said.shape == (1, 45)
    for place in range(5, 30):
        assert int(model(said[:, :place])[0, -1].argmax()) == int(said[0, place])


def test_what_is_missing_is_said(configure: Configure) -> None:
    with pytest.raises(ValueError, match=r"model\.name must be a folder or a name on the hub"):
        HFLanguage("nowhere", 10)
    with pytest.raises(ValueError, match="the data has 400 tokens, the model 320"):
        HFLanguage("model", 400)
