import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from priced.run.run import run
from tests.conftest import QUICK, Configure, Priced
from tests.data.pictures import write_digits
from tests.data.texts import write_texts
from tests.model.gans import SMALL

ALL = "export.format=[safetensors,torch_export,onnx,torchao_int8]"
GPT = (
    *(
        "model=gpt",
        "data=text",
        "data.path=notes",
        "data.context=16",
        "logger=none",
        "figures=false",
    ),
    *("model.width=32", "model.depth=2", "model.heads=2", "max_epochs=1"),
)


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("priced.run.stage.export.TIMED_SECONDS", 0.02)


def told(folder: str) -> dict[str, dict[str, float]]:
    read: dict[str, dict[str, float]] = json.loads(
        (Path(folder) / "export" / "export.json").read_text()
    )
    return read


@pytest.mark.parametrize("words", [(*QUICK, "model.width=128"), GPT], ids=["mlp", "gpt"])
def test_every_format_is_written_read_again_and_priced(
    configure: Configure, tmp_path: Path, words: tuple[str, ...]
) -> None:
    write_texts(tmp_path / "notes", 12)
    entry = run(configure(*words, "stages=[fit,export]", ALL))
    assert entry.status == "done"
    found = told(entry.folder)
    assert list(found) == ["original", "safetensors", "torch_export", "onnx", "torchao_int8"]
    for name, one in found.items():
        assert one["error"] <= one["tolerance"]
        assert one["usd_per_million"] > 0
        assert one["batch_seconds"] > 0
        if name != "original":
            assert (Path(entry.folder) / str(one["file"])).stat().st_size == one["bytes"]
    assert found["torchao_int8"]["error"] > 0, "eight bits are not thirty-two"
    assert found["torchao_int8"]["bytes"] < found["safetensors"]["bytes"]
    assert entry.usage.seconds_by_phase["export"] > 0


def test_what_is_exported_is_what_another_run_starts_from(
    configure: Configure, tmp_path: Path
) -> None:
    write_texts(tmp_path / "notes", 12)
    first = run(configure(*GPT, "stages=[fit,export]"))
    file = Path(first.folder) / "export" / "model.safetensors"
    assert "head.weight" not in load_file(file) or "tokens.weight" not in load_file(file), "tied"
    again = run(configure(*GPT, f"model.pretrained={file}", "optimizer.lr=0"))
    assert again.scores["val/loss"] == pytest.approx(first.scores["val/loss"])


def test_a_run_is_exported_later(priced: Priced, capsys: pytest.CaptureFixture[str]) -> None:
    assert priced("train", *QUICK) == 0
    assert priced("train", "stages=[export]", "run=last", "logger=none", "figures=false") == 0
    said = capsys.readouterr().out
    assert "safetensors" in said
    assert "USD/million" in said


def test_what_is_read_again_and_differs_is_no_export(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    from priced.run.stage import format as formats

    def spoil(model: torch.nn.Module, file: Path) -> torch.nn.Module:
        for parameter in model.parameters():
            parameter.mul_(1.5)
        return model

    spoilt = formats.Format(".safetensors", 0.0, formats._write_safetensors, spoil)
    monkeypatch.setitem(formats.FORMATS, "safetensors", spoilt)
    with pytest.raises(ValueError, match="safetensors must give the original's outputs within 0"):
        run(configure(*QUICK, "stages=[fit,export]"))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("export.format=[onx]", r"got onx; did you mean onnx\?"),
        ("export.format=[]", "must name one format or more"),
        ("stages=[export]", "needs trained weights"),
    ],
)
def test_what_cannot_be_exported_is_refused(configure: Configure, word: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run(configure(*QUICK, "stages=[fit,export]", word))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["biggan", "stylegan"])
def test_a_generator_goes_into_other_formats(
    configure: Configure, tmp_path: Path, name: str
) -> None:
    write_digits(tmp_path / "hub", "train", 0, 160)
    write_digits(tmp_path / "hub", "test", 160, 40)
    words = (
        f"model={name}",
        *SMALL[name],
        "data.root=hub",
        "logger=none",
        "figures=false",
        "max_epochs=1",
    )
    formats = ALL if name == "stylegan" else ALL.replace(",torchao_int8", "")
    entry = run(configure(*words, "stages=[fit,export]", formats))
    assert len(told(entry.folder)) == formats.count(",") + 2


def test_the_unit_of_a_number_is_told(priced: Priced, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("data=diabetes", "task=regression", "stages=[fit,export]")
    assert priced("train", *words, "max_epochs=1", "logger=none", "figures=false") == 0
    assert "the target is 1" in capsys.readouterr().out


def test_a_format_that_cannot_be_had_leaves_the_others(configure: Configure) -> None:
    words = ("model=forest", "stages=[fit,export]", "export.format=[onnx,safetensors]")
    cfg = configure(*words, "logger=none", "figures=false", "folder=exported")
    with pytest.raises(ValueError, match="cannot be had as onnx"):
        run(cfg)
    assert list(told("exported")) == ["original", "safetensors"]
