from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from priced.callback.figure import Figures, render
from tests.callback.fake import make_trainer

PIXELS = np.full((4, 6, 1), 200, dtype=np.uint8)


def make_task(sample: Any = None, often: bool = False, scored: Any = (1, 2)) -> Any:
    return SimpleNamespace(
        figures=lambda outputs, targets: {"curve": Figure(figsize=(1, 1))},
        make_sample=lambda: sample,
        samples_each_validation=often,
        scored=scored,
    )


def kept(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.*"))


def test_a_test_is_drawn_and_a_text_kept(tmp_path: Path) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path))
    Figures().on_test_end(trainer, make_task("to be"))
    assert kept(tmp_path) == ["figures/test_curve.png", "samples/test.txt"]
    assert (tmp_path / "samples" / "test.txt").read_text() == "to be"


@pytest.mark.parametrize(
    ("often", "expected"), [(False, []), (True, ["figures/val_pictures_003.png"])]
)
def test_within_training_only_what_is_asked_for_each_time_is_kept(
    tmp_path: Path, often: bool, expected: list[str]
) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path), current_epoch=3)
    Figures().on_validation_end(trainer, make_task(PIXELS, often))
    assert kept(tmp_path) == expected
    for name in expected:
        with Image.open(tmp_path / name) as grid:
            assert (grid.size, grid.mode) == ((6, 4), "L")


def test_training_ends_with_its_last_validation_if_there_was_one(tmp_path: Path) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path))
    Figures().on_train_end(trainer, make_task(scored=None))
    assert kept(tmp_path) == []
    Figures().on_train_end(trainer, make_task())
    assert kept(tmp_path) == ["figures/val_curve.png"]


def test_rank_0_alone_draws(tmp_path: Path) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path), is_global_zero=False)
    Figures().on_test_end(trainer, make_task("to be"))
    Figures().on_validation_end(trainer, make_task(PIXELS, often=True))
    assert kept(tmp_path) == []


def test_a_drawing_becomes_pixels() -> None:
    assert render(Figure(figsize=(1, 2))).shape == (240, 120, 3)
    assert torch.from_numpy(render(Figure(figsize=(1, 1)))).float().mean() == 255
