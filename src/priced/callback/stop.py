"""What ends a run when it is asked to; always on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, Trainer

from priced.callback.checkpoint import LAST, checkpoint_of

EXIT_BASE = 128
_HANDLED = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A run was asked to stop and did.

    Args:
        message: Why, for a person.
        exit_code: What the command returns.
        status: What becomes of the run.
    """

    def __init__(self, message: str, exit_code: int, status: str = "stopped") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.status = status

    @classmethod
    def by(cls, number: int) -> "Stopped":
        """Return the stop that a signal asks for."""
        return cls(f"stopped by {signal.Signals(number).name}", EXIT_BASE + number)


class Stop(Callback):
    """Save and stop after the step in which SIGINT, SIGTERM or another callback asks for it.

    A second signal stops at once.
    """

    def __init__(self) -> None:
        self.requested: Stopped | None = None
        self._listens = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals inside, and give them back after."""
        before = [signal.signal(number, self._note) for number in _HANDLED]
        self._listens = True
        try:
            yield
        finally:
            self._listens = False
            for number, handler in zip(_HANDLED, before, strict=True):
                signal.signal(number, handler)

    def obey(self) -> None:
        """Stop here if a stop was asked for.

        Raises:
            Stopped: If it was.
        """
        if self.requested is not None:
            raise self.requested

    def on_train_start(self, *args: Any) -> None:
        """Take the signals back: with Lightning's own handler the process would end with 0."""
        self._take_back()

    def on_validation_start(self, *args: Any) -> None:
        """Take the signals back."""
        self._take_back()

    def on_test_start(self, *args: Any) -> None:
        """Take the signals back."""
        self._take_back()

    def on_predict_start(self, *args: Any) -> None:
        """Take the signals back."""
        self._take_back()

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Save and stop after a step; where there are several ranks, all after the same one."""
        if trainer.world_size == 1:
            asked = self.requested is not None
        else:
            asked = trainer.strategy.reduce_boolean_decision(self.requested is not None, all=False)
        if asked:
            _save_last(trainer)
            raise self.requested or Stopped.by(signal.SIGTERM)

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Stop between two batches of the stage `validate`; `fit` stops after a step."""
        if trainer.state.fn == "validate":
            self.obey()

    def on_test_batch_end(self, *args: Any) -> None:
        """Stop between two batches."""
        self.obey()

    def on_predict_batch_end(self, *args: Any) -> None:
        """Stop between two batches."""
        self.obey()

    def _take_back(self) -> None:
        if self._listens:
            for number in _HANDLED:
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested is not None:
            raise Stopped.by(number)
        self.requested = Stopped.by(number)


def _save_last(trainer: Trainer) -> None:
    kept = checkpoint_of(trainer)
    if kept is not None:
        kept.save_last(trainer)
    else:
        trainer.save_checkpoint(Path(trainer.default_root_dir) / "checkpoints" / LAST)
