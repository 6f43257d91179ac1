import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from priced.callback.figure import Figures, render
from priced.callback.meter import Meter
from priced.price.usage import clock
from tests.callback.fake import make_trainer

PIXELS = np.full((4, 6, 1), 200, dtype=np.uint8)


def make_task(sample: Any = None, often: bool = False, scored: Any = (1, 2)) -> Any:
    return SimpleNamespace(
        figures=lambda outputs, targets: {"curve": Figure(figsize=(1, 1))},
        make_sample=lambda: sample,
        samples_each_validation=often,
        scored=scored,
    )


def make_figures() -> Figures:
    return Figures(Meter(clock()))


def list_files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.*"))


def test_a_test_is_drawn_and_a_text_kept(tmp_path: Path) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path))
    make_figures().on_test_end(trainer, make_task("to be"))
    assert list_files(tmp_path) == ["figures/test_curve.png", "samples/test.txt"]
    assert (tmp_path / "samples" / "test.txt").read_text() == "to be"


@pytest.mark.parametrize(
    ("often", "expected"), [(False, []), (True, ["figures/val_pictures_003.png"])]
)
def test_within_training_only_what_is_asked_for_each_time_is_kept(
    tmp_path: Path, often: bool, expected: list[str]
) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path), current_epoch=3)
    make_figures().on_validation_end(trainer, make_task(PIXELS, often))
    assert list_files(tmp_path) == expected
    for name in expected:
        with Image.open(tmp_path / name) as grid:
            assert (grid.size, grid.mode) == ((6, 4), "L")


def test_training_ends_with_its_last_validation_if_there_was_one(tmp_path: Path) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path))
    make_figures().on_train_end(trainer, make_task(scored=None))
    assert list_files(tmp_path) == []
    make_figures().on_train_end(trainer, make_task())
    assert list_files(tmp_path) == ["figures/val_curve.png"]


def test_rank_0_alone_draws(tmp_path: Path) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path), is_global_zero=False)
    make_figures().on_test_end(trainer, make_task("to be"))
    make_figures().on_validation_end(trainer, make_task(PIXELS, often=True))
    assert list_files(tmp_path) == []


def test_a_drawing_becomes_pixels() -> None:
    assert render(Figure(figsize=(1, 2))).shape == (240, 120, 3)
    assert torch.from_numpy(render(Figure(figsize=(1, 1)))).float().mean() == 255


@pytest.mark.parametrize(("often", "stage"), [(True, "validate"), (False, "validate")])
def test_a_validation_by_itself_is_drawn_with_its_sample(
    tmp_path: Path, often: bool, stage: str
) -> None:
    trainer = make_trainer(default_root_dir=str(tmp_path), state=SimpleNamespace(fn=stage))
    make_figures().on_validation_end(trainer, make_task(PIXELS, often))
    assert list_files(tmp_path) == ["figures/val_curve.png", "figures/val_pictures_000.png"]


def test_drawing_is_no_training(tmp_path: Path) -> None:
    figures, trainer = make_figures(), make_trainer(default_root_dir=str(tmp_path))
    figures.meter.stopwatch.enter("data_wait")
    before = figures.meter.stopwatch.seconds_by_phase().get("data_wait", 0.0)
    task = make_task(PIXELS, often=True)
    task.make_sample = lambda: time.sleep(0.05) or PIXELS
    figures.on_validation_end(trainer, task)
    phases = figures.meter.stopwatch.seconds_by_phase()
    assert phases["validation"] >= 0.05
    assert phases["data_wait"] - before < 0.05
    assert figures.meter.stopwatch.phase == "data_wait"
