"""The live objects of one run."""

from dataclasses import dataclass

from lightning.pytorch import Trainer

from priced.callback.checkpoint import checkpoint_of
from priced.callback.ladder import Ladder
from priced.callback.meter import Meter
from priced.callback.price import Price
from priced.callback.stop import Stop
from priced.callback.watchdog import Watchdog
from priced.compose.config import Config
from priced.data.base import Data
from priced.price.tariff import Tariff
from priced.task.base import Task


@dataclass(frozen=True)
class Components:
    """Everything one run needs, already built.

    Attributes:
        config: What they were built from; what it left open about the data is filled in.
    """

    config: Config
    data: Data
    task: Task
    trainer: Trainer
    meter: Meter
    stop: Stop
    tariff: Tariff
    price: Price
    ladder: Ladder
    watchdog: Watchdog

    def best_scores(self) -> dict[str, float]:
        """Return the scores of the validation that the best weights come from."""
        kept = checkpoint_of(self.trainer)
        return {} if kept is None else kept.best_scores
