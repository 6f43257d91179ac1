"""A sweep from its first worker to its last trial."""

import logging
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from optuna.study import Study
from optuna.trial import FrozenTrial

from priced.compose import Request
from priced.record.folder import new_id
from priced.sweep.launcher import Launcher
from priced.sweep.lease import is_alive, read_lease
from priced.sweep.plan import Plan
from priced.sweep.progress import showing
from priced.sweep.queue import End, Queue
from priced.sweep.storage import patiently
from priced.sweep.worker import Worker

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_HANDLED = (signal.SIGINT, signal.SIGTERM)
_MOST_IDLE_ROUNDS = 3
"""How often the workers may all end without a step further before it is given up."""


@dataclass(frozen=True)
class Ended:
    """What came of a sweep, or of this command's part in it.

    Attributes:
        plan: The sweep.
        study: Optuna's.
        trials: All of its trials, by number.
        why: done, budget or failures; empty if it was stopped.
        signal: By which signal; 0: by none.
        had_ended: Whether there was nothing left to do from the start.
    """

    plan: Plan
    study: Study
    trials: list[FrozenTrial]
    why: str
    signal: int
    had_ended: bool


def drive(plan: Plan, request: Request) -> Ended:
    """Run workers until no trial is left.

    Args:
        plan: The sweep; it has begun.
        request: What the command line says of the launcher.

    Raises:
        ValueError: If the storage cannot be reached, or the workers die again and again without
            getting anywhere.
    """
    queue = Queue(plan, plan.settings.storage)
    patiently(queue.fill)
    why = patiently(queue.look)
    if why is not None and why != "busy":
        return Ended(plan, queue.study, queue.trials(), why, 0, had_ended=True)
    with _Brake(plan.folder).pull_by_signals() as brake:
        work = _Work(plan, queue, Launcher(plan, request), brake)
        try:
            with showing(plan, queue.trials()):
                why = work.go_on()
        except KeyboardInterrupt:  # twice: at once
            why = None
    trials = patiently(queue.trials)
    return Ended(plan, queue.study, trials, why or "", brake.signal, had_ended=False)


class _Brake:
    """Passes a first signal on to all workers, as a file; a second one ends this process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"stop-{new_id()}"
        self.signal = 0

    @contextmanager
    def pull_by_signals(self) -> Iterator["_Brake"]:
        """Take the signals inside, and give them back after."""
        before = [signal.signal(number, self._note) for number in _HANDLED]
        try:
            yield self
        finally:
            for number, handler in zip(_HANDLED, before, strict=True):
                signal.signal(number, handler)
            self.file.unlink(missing_ok=True)

    def pull(self, number: int) -> None:
        """Ask all workers to end."""
        self.signal = number
        self.file.touch()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.pull(number)


class _Work:
    """Launches workers, and more of them where some died."""

    def __init__(
        self,
        plan: Plan,
        queue: Queue,
        launcher: Launcher,
        brake: _Brake,
    ) -> None:
        self.plan = plan
        self.queue = queue
        self.launcher = launcher
        self.brake = brake

    def go_on(self) -> End | None:
        """Work until nothing is left; return why it ended, None if it was stopped."""
        idle = 0
        while not self.brake.signal:
            why = patiently(self.queue.look)
            if why is not None and why != "busy" and not self._someone_works():
                return why
            if why is not None:  # workers of another command have the last trials
                time.sleep(_LOOK_SECONDS)
                continue
            before = self._state()
            message = self._launch()
            idle = 0 if self._state() != before else idle + 1
            if idle >= _MOST_IDLE_ROUNDS and not self.brake.signal:
                raise ValueError(f"the workers get nowhere: {message or 'they end at once'}")
        return None

    def _launch(self) -> str:
        """Run workers once; return what the last one that failed said."""
        worker = Worker(
            self.plan.folder,
            self.plan.home,
            self.plan.words,
            self.plan.settings.storage,
            self.brake.file,
        )
        try:
            returns: Sequence[JobReturn] = self.launcher.launch(worker)
        except Exception as error:  # each launcher has errors of its own for a worker that died
            message = _line(error)
            log.warning("a worker died: %s", message)
            return message
        message = ""
        for one in returns:
            if one.status != JobStatus.COMPLETED:
                message = _failure(one)
                log.warning("a worker failed: %s", message)
                continue
            report: Any = one.return_value
            if report["signal"] and report["pid"] == os.getpid():
                self.brake.pull(report["signal"])
        return message

    def _someone_works(self) -> bool:
        """Say whether another command's workers still have trials."""
        running = [t for t in patiently(self.queue.trials) if t.state.name == "RUNNING"]
        return any(is_alive(self.plan.folder, trial.number) for trial in running)

    def _state(self) -> list[object]:
        """Return what differs once any worker has done anything."""
        trials = patiently(self.queue.trials)
        lives = [read_lease(self.plan.folder, trial.number) for trial in trials]
        return [
            (trial.state, known and known.life) for trial, known in zip(trials, lives, strict=True)
        ]


def _failure(one: JobReturn) -> str:
    try:
        _ = one.return_value
    except Exception as error:
        return _line(error)
    return "it gave no reason"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__
