from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from priced.callback.adapter import Adapters, digest_base, has_adapters, keep_adapters
from tests.callback.fake import make_trainer


class Adapted(nn.Module):
    """A frozen layer, tied to another one, with an adapter on it."""

    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        self.base = nn.Linear(2, 2)
        nn.init.constant_(self.base.weight, value)
        nn.init.zeros_(self.base.bias)
        self.tied = self.base.weight
        self.lora_a = nn.Parameter(torch.zeros(2))
        self.base.requires_grad_(False)


def test_what_is_not_trained_is_left_out_under_each_of_its_names() -> None:
    model = Adapted()
    checkpoint: dict[str, Any] = {
        "state_dict": {f"model.{k}": v for k, v in model.state_dict().items()}
    }
    assert len(checkpoint["state_dict"]) == 4
    keep_adapters(model, checkpoint, digest_base(model))
    assert list(checkpoint["state_dict"]) == ["model.lora_a"]
    assert checkpoint["base"] == digest_base(model)


def test_a_digest_is_of_what_the_adapters_stand_on_alone() -> None:
    model = Adapted()
    before = digest_base(model)
    with torch.no_grad():
        model.lora_a.add_(1)
    assert digest_base(model) == before
    assert digest_base(Adapted(value=2.0)) != before


def test_adapters_are_seen_where_there_are_any() -> None:
    assert has_adapters(Adapted())
    assert not has_adapters(nn.Linear(2, 2))


def test_a_checkpoint_is_loaded_onto_what_stands_there() -> None:
    model = Adapted()
    task = SimpleNamespace(strict_loading=True)
    keeps = Adapters(model)
    keeps.setup(make_trainer(), task, "fit")
    assert not task.strict_loading
    checkpoint = {"state_dict": {f"model.{k}": v for k, v in model.state_dict().items()}}
    keeps.on_save_checkpoint(make_trainer(), task, checkpoint)
    assert list(checkpoint["state_dict"]) == ["model.lora_a"]
