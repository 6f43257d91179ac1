"""What lets whoever started a run look at each validation, and end it."""

from typing import Any, Protocol

from lightning.pytorch import Callback, LightningModule, Trainer

from priced.callback.monitor import read_metric
from priced.callback.price import Price
from priced.callback.stop import Stop, Stopped


class RunObserver(Protocol):
    """Who started a run, and may end it."""

    def order(self) -> Stopped | None:
        """Return a stop that is asked for from outside; called after every step."""
        ...

    def on_validation(self, epoch: int, score: float, usd: float) -> Stopped | None:
        """Return why to stop after a validation, or None.

        Args:
            epoch: From 1.
            score: The target's.
            usd: What training has cost so far, on the train-only clock: start-up is paid by the
                first run of a process.
        """
        ...


class Observe(Callback):
    """Tell an observer each validation's score and price; stop after the next step if it says so.

    Only rank 0 asks; the others stop with it.

    Args:
        metric: The score that is told.
        observer: Whom to ask.
        price: Knows the price.
        stop: Ends the run.
    """

    def __init__(self, metric: str, observer: RunObserver, price: Price, stop: Stop) -> None:
        self.metric = metric
        self.observer = observer
        self.price = price
        self.stop = stop

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Ask the observer."""
        if trainer.state.fn != "fit" or trainer.sanity_checking or not trainer.is_global_zero:
            return
        score = read_metric(trainer, self.metric)
        usd = self.price.train_only_usd(trainer)
        self._end(self.observer.on_validation(trainer.current_epoch + 1, score, usd))

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Obey an order from outside."""
        self._end(self.observer.order())

    def on_test_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Obey an order from outside."""
        self._end(self.observer.order())

    def _end(self, stopped: Stopped | None) -> None:
        if stopped is not None and self.stop.requested is None:
            self.stop.requested = stopped
