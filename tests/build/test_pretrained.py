from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from priced.build.lora import add_adapters
from priced.build.pretrained import take_pretrained
from priced.model.mlp import MLP
from priced.run.group import run_all
from priced.run.run import run
from tests.conftest import QUICK, Configure, Priced

Folders = Callable[[], Sequence[Path]]


def test_all_of_a_run_is_taken_and_it_starts_where_that_ended(configure: Configure) -> None:
    first = run(configure(*QUICK))
    again = run(configure(*QUICK, f"model.pretrained={first.folder}", "optimizer.lr=0"))
    assert again.scores["val/accuracy"] == first.scores["val/accuracy"]
    assert again.run != first.run


def test_what_matches_is_taken_and_the_rest_is_listed_with_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    torch.manual_seed(0)
    there, here = MLP([4], 3, width=8, depth=2), MLP([4], 5, width=8, depth=2)
    save_file({**there.state_dict(), "extra": torch.zeros(2)}, tmp_path / "one.safetensors")
    taken = take_pretrained(here, str(tmp_path / "one.safetensors"), strict=False)
    assert taken.matched == [
        *("layers.1.weight", "layers.1.bias", "layers.3.weight", "layers.3.bias"),
    ]
    assert taken.left == {
        "extra": "[2] is not here",
        "layers.5.bias": "is [3] there, [5] here",
        "layers.5.weight": "is [3, 8] there, [5, 8] here",
    }
    assert "4 of 7 tensors matched" in caplog.text
    assert torch.equal(here.layers[1].weight, there.layers[1].weight)  # type: ignore[arg-type]


def test_all_must_match_unless_it_is_said_that_some_may(
    configure: Configure, tmp_path: Path
) -> None:
    torch.save(MLP([1, 8, 8], 10, width=16, depth=2).state_dict(), tmp_path / "one.pt")
    with pytest.raises(ValueError, match=r"3\.weight is \[16, 16\] there, \[10, 16\] here"):
        run(configure(*QUICK, "model.pretrained=one.pt"))
    entry = run(configure(*QUICK, "model.pretrained=one.pt", "model.strict=false"))
    assert entry.status == "done"
    torch.save({"other": torch.zeros(1)}, tmp_path / "none.pt")
    with pytest.raises(ValueError, match="0 of 5 tensors matched"):
        run(configure(*QUICK, "model.pretrained=none.pt", "model.strict=false"))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("model.pretrained=nothing", "must be a run, a file of weights or a model on the hub"),
        ("model.pretrained=last", "run=last needs a run"),
        ("model.pretrained=bad.pt", "must be a file of weights"),
        ("model.pretrained=3", "model.pretrained must be a run"),
        ("model.lora={rank: 0}", "model.lora needs rank 1 or more"),
        ("model.lora={depth: 2}", "model.lora:"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    configure: Configure, tmp_path: Path, run_folders: Folders, word: str, said: str
) -> None:
    (tmp_path / "bad.pt").write_text("no weights")
    with pytest.raises(ValueError, match=said):
        run(configure(*QUICK, word))
    assert not run_folders()


def test_adapters_are_trained_and_saved_alone(configure: Configure) -> None:
    first = run(configure(*QUICK, "max_epochs=3", "model.depth=2"))
    words = (*QUICK, "model.depth=2", f"model.pretrained={first.folder}", "model.lora.rank=2")
    tuned = run(configure(*words))
    kept = torch.load(Path(tuned.folder) / "checkpoints" / "best.ckpt", weights_only=True)
    names = {name for name in kept["state_dict"] if name.startswith("model.")}
    assert names
    assert all("lora_" in name for name in names)
    again = run(configure(*words, f"run={tuned.folder}", "stages=[test]"))
    assert again.scores["test/loss"] == pytest.approx(tuned.scores["test/loss"])
    assert tuned.scores["test/loss"] != first.scores["test/loss"]


def test_the_newest_run_is_kept_by_its_folder(configure: Configure) -> None:
    first = run(configure(*QUICK))
    words = (*QUICK, "model.pretrained=last", "model.lora.rank=2")
    tuned = run(configure(*words))
    again = run(
        configure(
            *words, f"run={tuned.folder}", "stages=[test]", f"model.pretrained={first.folder}"
        )
    )
    assert again.scores["test/loss"] == pytest.approx(tuned.scores["test/loss"])
    kept = (Path(tuned.folder) / "config.yaml").read_text()
    assert "pretrained: last" not in kept
    assert str(Path(first.folder).resolve()) in kept


def test_an_adapter_starts_as_nothing_and_the_head_is_trained_whole() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(4, 6)
            self.head = nn.Linear(6, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.body(x))  # type: ignore[no-any-return]

    model, x = Two(), torch.randn(3, 4)
    before = model(x)
    add_adapters(model, rank=2)
    assert torch.allclose(model(x), before)
    trained = {name for name, one in model.named_parameters() if one.requires_grad}
    assert trained == {
        *("head.weight", "head.bias"),
        *("body.lora_A.default.weight", "body.lora_B.default.weight"),
    }


def test_the_command_line_says_what_was_taken(
    priced: Priced, capsys: pytest.CaptureFixture[str], run_folders: Folders
) -> None:
    assert priced("train", *QUICK) == 0
    words = ("model.pretrained=last", "data=wine", "model.strict=false")
    assert priced("train", *QUICK, *words) == 0
    assert "model.pretrained: 1 of 4 tensors matched; left:" in capsys.readouterr().err


def test_the_parts_of_a_whole_start_from_what_was_the_newest_before_it(
    configure: Configure,
) -> None:
    first = run(configure(*QUICK))
    whole = run_all(configure(*QUICK, "model.pretrained=last", "optimizer.lr=0", "seeds=2"))
    parts = [
        file.read_text()
        for file in Path(whole.folder).rglob("config.yaml")
        if file.parent != Path(whole.folder)
    ]
    assert len(parts) == 2
    for part in parts:
        assert f"pretrained: {Path(first.folder).resolve()}" in part


def test_adapters_on_other_weights_are_refused(configure: Configure) -> None:
    words = (*QUICK, "model.lora={rank: 2}")
    first = run(configure(*words))
    with pytest.raises(ValueError, match="adapters of other weights than these"):
        run(configure(*words, "stages=[test]", f"run={first.folder}", "seed=9"))
    again = run(configure(*words, "stages=[test]", f"run={first.folder}"))
    assert again.scores["test/accuracy"] == first.scores["test/accuracy"]


def test_adapters_and_frozen_parts_are_not_both(configure: Configure) -> None:
    with pytest.raises(ValueError, match="undo each other"):
        run(configure(*QUICK, "model.lora={rank: 2}", "callback=[checkpoint,freeze]"))


def test_a_sweep_starts_each_trial_from_the_same_run(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK) == 0
    assert priced("train", "-m", *QUICK, "model.pretrained=last", "optimizer.lr=0.1,0.2") == 2
    assert "model.pretrained=last is another run for each trial" in capsys.readouterr().err
