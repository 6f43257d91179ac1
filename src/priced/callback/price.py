"""What knows at any moment what a run has cost; always on."""

from dataclasses import dataclass
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger

from priced.callback.meter import BATCH_PHASES, Meter
from priced.callback.monitor import read_metric
from priced.callback.units import loops_of, plan_units, position_of
from priced.price.tariff import Tariff
from priced.price.usage import Usage, total
from priced.record.runs import train_only_usd

BILLION = 1_000_000_000


@dataclass(frozen=True)
class Spent:
    """What a run has spent: wall seconds on the all-in clock, joules, US dollars."""

    seconds: float = 0.0
    joules: float = 0.0
    usd: float = 0.0


class Price(Callback):
    """Price what the meter reads, on top of what earlier lives of the run cost; draw it.

    Logs `price/usd` after each validation, and in TensorBoard the target's metric against money:
    a curve whose steps are billionths of a US dollar.

    Args:
        meter: Measures this life.
        tariff: Prices it.
        metric: The target's.
        before: What earlier lives used.
        before_usd: What they cost.
    """

    def __init__(
        self, meter: Meter, tariff: Tariff, metric: str, before: Usage, before_usd: float
    ) -> None:
        self.meter = meter
        self.tariff = tariff
        self.metric = metric
        self.before = before
        self.before_usd = before_usd

    def add_up_spent(self, trainer: Trainer) -> Spent:
        """Return what the run has spent until now; cheap enough for every step."""
        seconds = self.meter.stopwatch.seconds
        joules = self.meter.measure_drawn().joules * trainer.num_nodes
        usd = self.tariff.price(seconds * self.meter.share, joules, trainer.num_nodes)
        return Spent(
            self.before.seconds + seconds, self.before.joules + joules, self.before_usd + usd
        )

    def train_only_usd(self, trainer: Trainer) -> float:
        """Return what training has cost until now, on the train-only clock of this life."""
        return train_only_usd(self.meter.usage(trainer), self.tariff)

    def usage(self, trainer: Trainer) -> Usage:
        """Return what the run has used until now, earlier lives and this one."""
        return total([self.before, self.meter.usage(trainer)])

    def forecast_usd(self, trainer: Trainer) -> float:
        """Return what the run will have cost when training ends, if it goes on as it did.

        A batch, a validation and a save are each taken to cost what they did until now.
        """
        spent = self.add_up_spent(trainer)
        seconds = spent.seconds - self.before.seconds
        phases, meter = self.meter.stopwatch.seconds_by_phase(), self.meter
        left = self._planned.count(position_of(trainer))
        ahead = 0.0
        for phase, done, rest in (
            (sum(phases.get(one, 0.0) for one in BATCH_PHASES), meter.batches, left.batches),
            (phases.get("validation", 0.0), meter.validation_batches, left.validation_batches),
            (phases.get("checkpoint", 0.0), meter.saves, left.saves),
        ):
            ahead += phase / done * rest if done else 0.0
        return spent.usd + (spent.usd - self.before_usd) * ahead / seconds

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Plan what is to come; lay the money chart out."""
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        self._planned = plan_units(loops_of(trainer), pl_module, data, trainer.world_size)
        chart = {f"{self.metric} (x: billionths of a USD)": ["Multiline", [self._money_tag]]}
        for board in _boards(trainer):
            board.add_custom_scalars({"quality against price": chart})

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw the price, and the score against it."""
        if trainer.state.fn != "fit" or trainer.sanity_checking or not trainer.is_global_zero:
            return
        usd = self.add_up_spent(trainer).usd
        for logger in trainer.loggers:
            logger.log_metrics({"price/usd": usd}, trainer.global_step)
        for board in _boards(trainer):
            score = read_metric(trainer, self.metric)
            board.add_scalar(self._money_tag, score, global_step=round(usd * BILLION))

    @property
    def _money_tag(self) -> str:
        return f"price/{self.metric}_by_nano_usd"


def _boards(trainer: Trainer) -> list[Any]:
    return [one.experiment for one in trainer.loggers if isinstance(one, TensorBoardLogger)]
