"""What shows how far a run has come."""

import sys
import time
from collections.abc import Iterable
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from priced.callback.price import Price
from priced.price.money import amount, dollars

TRAINING = "train/loss"
WIDE = 100
"""Columns from which on there is room for the speed."""


class Progress(ProgressBar):
    """Draw a bar in a terminal a few times a second, and write a line an epoch elsewhere.

    Args:
        refresh_seconds: How long a drawing stands.
    """

    def __init__(self, refresh_seconds: float = 0.5) -> None:
        super().__init__()
        self.refresh_seconds = refresh_seconds
        self._bar: Bar | None = None
        self._next = 0.0

    def disable(self) -> None:
        """Do nothing: Lightning asks all ranks but the first, which never show anything."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Put the bar up."""
        console = Console(stderr=True, markup=False)
        if not console.is_terminal or not trainer.is_global_zero:
            return
        self._wide = console.width >= WIDE
        self._bar = Bar(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=None if self._wide else 6),
            MofNCompleteColumn(),
            *([TextColumn("{task.fields[speed]}")] if self._wide else []),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[price]}"),
            TextColumn("{task.fields[scores]}"),
            console=console,
            auto_refresh=False,
            transient=True,
        )
        steps = int(trainer.estimated_stepping_batches)
        self._bar.add_task("fit", total=steps, epoch="", speed="", price="", scores="")
        self._bar.start()
        self._started = time.perf_counter(), trainer.global_step

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Draw, if the last drawing is old."""
        if self._bar is None or time.perf_counter() < self._next:
            return
        self._draw(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the line, or draw the epoch's scores."""
        if self._bar is not None:
            self._draw(trainer)
        elif trainer.is_global_zero:
            names = dict.fromkeys((TRAINING, "val/loss", _target(trainer)))
            print(
                f"epoch {_epoch(trainer)}  {_scores(trainer, names)}  {_price(trainer)}",
                file=sys.stderr,
                flush=True,
            )

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take the bar down."""
        self._close()

    def on_exception(self, *args: Any) -> None:
        """Take the bar down before anything is said."""
        self._close()

    def _draw(self, trainer: Trainer) -> None:
        assert self._bar is not None
        now = time.perf_counter()
        since, first = self._started
        self._next = now + self.refresh_seconds
        self._bar.update(
            self._bar.task_ids[0],
            completed=trainer.global_step,
            epoch=_epoch(trainer),
            speed=f"{(trainer.global_step - first) / max(now - since, 1e-9):.0f} steps/s",
            price=_price(trainer) if self._wide else _price(trainer).replace(" of ", "/"),
            scores=_scores(trainer, (TRAINING, _target(trainer)))
            if self._wide
            else _last_score(trainer),
        )
        self._bar.refresh()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _epoch(trainer: Trainer) -> str:
    return f"{trainer.current_epoch + 1}/{trainer.max_epochs}"


def _price(trainer: Trainer) -> str:
    """Return what the run has cost so far, and what it will have when training ends."""
    price = _find_price(trainer)
    if price is None:
        return ""
    return f"{amount(price.add_up_spent(trainer).usd)} of {dollars(price.forecast_usd(trainer))}"


def _find_price(trainer: Trainer) -> Price | None:
    return next((one for one in trainer.callbacks if isinstance(one, Price)), None)  # type: ignore[attr-defined]


def _target(trainer: Trainer) -> str:
    """Return the name of the score that the run goes by."""
    price = _find_price(trainer)
    return TRAINING if price is None else price.metric


def _last_score(trainer: Trainer) -> str:
    """Return the score that says most, where there is no room for more."""
    names = (TRAINING, _target(trainer))
    known = [name for name in names if name in trainer.callback_metrics]
    return _scores(trainer, known[-1:]).rpartition("/")[2]


def _scores(trainer: Trainer, names: Iterable[str]) -> str:
    known = trainer.callback_metrics
    return "  ".join(f"{name} {float(known[name]):.4f}" for name in names if name in known)
