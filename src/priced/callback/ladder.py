"""What notes the price of each quality level; always on."""

import json
from collections.abc import Sequence
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer

from priced.callback.monitor import agree_metric
from priced.callback.price import Price
from priced.price.ladder import Crossing, Mode, Point, crossings, reaches, read_curve, top_rung


class Ladder(Callback):
    """Note after each validation what had been used for that score.

    Args:
        file: Where the notes go, a line of JSON each; those of earlier lives are taken up.
        metric: The score to climb by.
        mode: Whether lower (min) or higher (max) is better.
        rungs: The quality levels.
        stop_at_top: End training once the hardest one is reached.
        price: Knows what has been used.
    """

    def __init__(
        self,
        file: Path,
        metric: str,
        mode: Mode,
        rungs: Sequence[float],
        stop_at_top: bool,
        price: Price,
    ) -> None:
        self.file = file
        self.metric = metric
        self.mode = mode
        self.rungs = rungs
        self.stop_at_top = stop_at_top
        self.price = price
        self.curve = read_curve(file, metric, mode)

    def crossings(self) -> tuple[Crossing, ...]:
        """Return where each rung was first reached."""
        return crossings(self.curve, self.rungs, self.mode)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Note the score; end training at the top."""
        if trainer.state.fn != "fit" or trainer.sanity_checking:
            return
        score = agree_metric(trainer, self.metric)
        if trainer.is_global_zero:
            self._note(score, trainer)
        if self.stop_at_top and reaches(score, top_rung(self.rungs, self.mode), self.mode):
            trainer.should_stop = True

    def _note(self, score: float, trainer: Trainer) -> None:
        used = self.price.usage(trainer)
        point = Point(
            metric=self.metric,
            mode=self.mode,
            score=score,
            epoch=trainer.current_epoch + 1,
            step=trainer.global_step,
            seconds=used.seconds,
            fit_seconds=used.fit_seconds,
            joules=used.joules,
            flops=used.flops,
            samples=used.samples,
            tokens=used.tokens,
            usd=self.price.add_up_spent(trainer).usd,
            compile_seconds=used.seconds_by_phase.get("compile", 0.0),
            machine_seconds=used.machine_seconds,
            fit_machine_seconds=used.fit_machine_seconds,
        )
        self.curve.append(point)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(point.as_dict()) + "\n")
