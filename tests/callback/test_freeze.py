from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from lightning.pytorch import LightningModule
from torch import nn

from priced.callback.freeze import Freeze, list_blocks
from priced.model.bert import BERT
from priced.model.mlp import MLP
from priced.model.resnet18 import ResNet18
from priced.run.run import run
from tests.conftest import Configure

WORDS = (
    "logger=none",
    "figures=false",
    "model.width=16",
    "model.depth=2",
    "callback=[checkpoint,freeze]",
)


def weights(folder: str, file: str) -> dict[str, torch.Tensor]:
    kept = torch.load(Path(folder) / "checkpoints" / file, weights_only=True)
    return {k: v for k, v in kept["state_dict"].items() if k.startswith("model.")}


@pytest.mark.parametrize(
    ("epochs", "every", "moved"),
    [(1, 1, {5}), (2, 1, {3, 5}), (3, 1, {1, 3, 5}), (2, 2, {5}), (2, "null", {5})],
)
def test_one_part_more_is_trained_each_time(
    configure: Configure, epochs: int, every: object, moved: set[int]
) -> None:
    first = run(configure(*WORDS, "max_epochs=1", "optimizer.lr=0"))
    last = run(configure(*WORDS, f"max_epochs={epochs}", f"callback.freeze.every={every}"))
    before, after = (weights(entry.folder, "last.ckpt") for entry in (first, last))
    changed = {int(name.split(".")[2]) for name in before if not before[name].equal(after[name])}
    assert changed == moved


def test_parts_go_from_the_bottom_to_the_top() -> None:
    assert [type(part).__name__ for part in list_blocks(MLP([4], 2, 8, 1))] == ["Linear", "Linear"]
    parts = list_blocks(ResNet18([1, 8, 8], 10, width=4))
    assert len(parts) == 2 + 8 + 1
    assert isinstance(parts[-1], nn.Linear)


def test_a_librarys_network_in_a_wrapper_has_its_own_parts() -> None:
    wrapped = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)))
    assert len(list_blocks(wrapped)) == 2


def test_what_was_frozen_is_frozen_again_where_an_epoch_goes_on() -> None:
    # Lightning calls no `on_train_epoch_start` for an epoch that is gone on with.
    task = LightningModule()
    task.model = MLP([4], 2, 8, 2)
    trainer = SimpleNamespace(current_epoch=0, optimizers=[])
    Freeze().on_train_start(trainer, task)  # type: ignore[arg-type]
    assert [p.requires_grad for p in task.model.parameters()] == [False] * 4 + [True] * 2


def test_numbers_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="of 1 or more, got 0 and None"):
        Freeze(trained=0)


def test_a_part_that_joins_later_has_momentum_too(configure: Configure) -> None:
    entry = run(configure(*WORDS, "optimizer=sgd", "max_epochs=3"))
    assert entry.status == "done"


def test_a_stack_of_layers_inside_a_librarys_network_is_counted_one_by_one() -> None:
    model = BERT(30, 8, 3, width=16, depth=3, heads=2)
    assert len(list_blocks(model)) == 1 + 3 + 1  # what tokens become, the layers, the head
