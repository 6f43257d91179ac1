import sys
from types import SimpleNamespace

import pytest
from torch import nn

from priced.model.timm import Timm


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
