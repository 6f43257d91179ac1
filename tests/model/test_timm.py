import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from torch import nn

from priced.model.timm import Timm
from tests.conftest import ROOT
from tests.data.pictures import write_digits

TIMM_PYTHON = os.environ.get("PRICED_TEST_TIMM_PYTHON") or None
"""The interpreter of an environment with priced[timm]: its torchvision wants another torch."""


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ValueError, match=r"pip install 'priced\[timm\]'"):
        Timm("resnet18", [3, 32, 32], 10)


def test_the_library_is_asked_for_what_the_data_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def create_model(name: str, **given: object) -> nn.Module:
        asked.update(given, name=name)
        return nn.Identity()

    made = SimpleNamespace(list_models=lambda: ["vit_tiny"], create_model=create_model)
    monkeypatch.setitem(sys.modules, "timm", made)
    Timm("vit_tiny", [3, 64, 64], 7)
    assert asked == {
        "name": "vit_tiny",
        "pretrained": False,
        "in_chans": 3,
        "num_classes": 7,
        "img_size": (64, 64),
    }
    with pytest.raises(ValueError, match="timm must know the network, got resnet81"):
        Timm("resnet81", [3, 64, 64], 7)


@pytest.mark.slow
@pytest.mark.skipif(TIMM_PYTHON is None, reason="PRICED_TEST_TIMM_PYTHON names no interpreter")
@pytest.mark.parametrize("name", ["resnet18", "vit_tiny_patch16_224"])
def test_the_real_library_s_networks_train(tmp_path: Path, name: str) -> None:
    write_digits(tmp_path / "hub", "train", 0, 160)
    write_digits(tmp_path / "hub", "test", 160, 40)
    words = ("model=timm", f"model.name={name}", "data=mnist", "data.root=hub", "max_epochs=1")
    pictures = ("data.shape=[1,32,32]", "data.resize=true", "data.batch_size=64")
    script = ROOT / "tests" / "service" / "train_timm.py"
    done = subprocess.run(
        [str(TIMM_PYTHON), str(script), "train", *words, *pictures],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "price " in done.stdout + done.stderr
