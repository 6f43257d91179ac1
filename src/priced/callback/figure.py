"""What a run has learnt, for the eye."""

from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from priced.callback.meter import Meter

FIGURE_DPI = 120


class Figures(Callback):
    """Draw what a stage was scored by, and keep what the network makes: texts or pictures.

    Drawings and pictures go into the run's folder `figures`, texts into `samples`, and all into
    TensorBoard. A task says what there is, see `priced.task.base.Task`: `figures`, `make_sample`.

    Args:
        meter: Charges it to what is drawn, a validation or a test.
    """

    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def on_validation_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Draw a validation; within training, only keep what a generator makes by now."""
        with self.meter.phase("validation"):
            if trainer.state.fn == "validate":
                self._show(trainer, pl_module, "val")
            if pl_module.samples_each_validation and not trainer.sanity_checking:
                self._keep_sample(trainer, pl_module, "val")

    def on_test_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Draw the test."""
        with self.meter.phase("test"):
            self._show(trainer, pl_module, "test")

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Draw the last validation."""
        if pl_module.scored is not None:
            self._show(trainer, pl_module, "val")

    def _show(self, trainer: Trainer, task: Any, stage: str) -> None:
        if not trainer.is_global_zero:
            return
        drawn = {} if task.scored is None else task.figures(*task.scored)
        for name, figure in drawn.items():
            _keep_pixels(trainer, stage, name, f"{stage}_{name}", render(figure))
        if not task.samples_each_validation:
            self._keep_sample(trainer, task, stage)

    def _keep_sample(self, trainer: Trainer, task: Any, stage: str) -> None:
        if not trainer.is_global_zero:
            return
        sample = task.make_sample()
        if isinstance(sample, str):
            _keep_text(trainer, stage, sample)
        elif sample is not None:
            file = f"{stage}_pictures_{trainer.current_epoch:03d}"
            _keep_pixels(trainer, stage, "pictures", file, sample)


def render(figure: Figure) -> NDArray[np.uint8]:
    """Draw once for the file and the dashboard; return pixels (H, W, 3)."""
    figure.set_dpi(FIGURE_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].copy()


def _keep_pixels(
    trainer: Trainer, stage: str, name: str, file: str, pixels: NDArray[np.uint8]
) -> None:
    """Keep pixels (H, W, C) as a file, and in TensorBoard."""
    folder = _make_folder(trainer, "figures")
    Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(
        folder / f"{file}.png"
    )
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(
                f"{stage}/{name}", pixels, trainer.global_step, dataformats="HWC"
            )


def _keep_text(trainer: Trainer, stage: str, text: str) -> None:
    folder = _make_folder(trainer, "samples")
    (folder / f"{stage}.txt").write_text(text, encoding="utf-8")
    # Four spaces make a block of code of it, whatever the text has in it.
    shown = "".join(f"    {line}\n" for line in text.splitlines())
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_text(f"{stage}/sample", shown, trainer.global_step)


def _make_folder(trainer: Trainer, name: str) -> Path:
    folder = Path(trainer.default_root_dir) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
