"""What each job of a launcher does: trial after trial, until nothing is left."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from priced.check.environment import permit
from priced.check.target import ALLOW_VARIABLE, find_own_modules
from priced.check.terminal import quieten, say_error
from priced.record.private import private
from priced.sweep.lease import BEAT_SECONDS, join_workers, read_lease, write_lease

if TYPE_CHECKING:  # a launcher's parent need not load torch
    from priced.callback.stop import Stopped
    from priced.sweep.queue import Lease, Queue

_WATCH_SECONDS, _WAIT_SECONDS = 0.5, 1.0
_HANDLED = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Report:
    """What a worker says when it ends.

    Attributes:
        pid: Its process.
        taken: How many trials it had.
        signal: By which signal it was stopped; 0: by none.
    """

    pid: int
    taken: int
    signal: int


class Worker:
    """A launcher's task: started in any process, it takes trials until there are none.

    Args:
        folder: The sweep's, absolute.
        home: Where its commands are run.
        words: The words that it was started with, secrets and all: no file of ours has them, but
            a launcher may write what it hands over into its own.
        storage: The address of the study.
        stop_file: Exists once the worker has to end.
    """

    def __init__(
        self,
        folder: Path,
        home: Path,
        words: tuple[str, ...],
        storage: str | None,
        stop_file: Path,
    ) -> None:
        self.folder = folder
        self.home = home
        self.words = words
        self.storage = storage
        self.stop_file = stop_file
        self.parent = os.getpid()
        self.allowed = os.environ.get(ALLOW_VARIABLE, "")

    @private()
    def __call__(self, cfg: DictConfig) -> dict[str, Any]:
        """Work; the config that the launcher composed is not looked at."""
        os.chdir(self.home)
        if self.allowed:
            os.environ[ALLOW_VARIABLE] = self.allowed
        find_own_modules()
        permit(self.words)  # which the command that started this worker has composed
        present = join_workers(self.folder)  # before anything heavy: the others count who is here
        child = os.getppid() == self.parent
        try:
            return asdict(_Shift(self).work())
        finally:
            present.unlink(missing_ok=True)
            if child and os.getppid() != self.parent:
                os._exit(1)  # nobody waits for the answer; a pool would keep this process


class _Shift:
    """A worker's time in one process."""

    def __init__(self, worker: Worker) -> None:
        from priced.sweep.start import plan_of

        self.worker = worker
        self.plan = plan_of(worker.folder, worker.home, worker.words)
        self.signal = 0
        self.lease: Lease | None = None
        self._is_child = os.getppid() == worker.parent
        self._over = threading.Event()
        self._told_to_end = False

    def work(self) -> Report:
        """Take and run trials."""
        from priced.sweep.outcome import Outcome
        from priced.sweep.queue import Queue
        from priced.sweep.storage import patiently
        from priced.sweep.trial import run_trial

        quieten()  # once Lightning is loaded: it sets its own ways then
        queue = Queue(self.plan, self.worker.storage)
        taken = 0
        with self._watching(), self._listening():
            while self.find_reason_to_end() is None:
                self.lease = patiently(queue.take)
                if self.lease is None and patiently(queue.is_blocked):
                    self._over.wait(_WAIT_SECONDS)  # until one that must be alone has ended
                    continue
                if self.lease is None:
                    break
                taken += 1
                outcome = Outcome("stopped")  # whatever ends this worker: the trial is put back
                try:
                    outcome = run_trial(queue, self.lease, self.find_reason_to_end)
                finally:
                    self._close(queue, self.lease, outcome)
                self.lease = None
                self.signal = self.signal or outcome.signal
        return Report(os.getpid(), taken, self.signal)

    def find_reason_to_end(self) -> "Stopped | None":
        """Return why this worker has to end, or None; called after every step."""
        if not self._told_to_end and not self.signal:
            return None
        from priced.callback.stop import Stopped

        return Stopped("the sweep was asked to stop", 1, "stopped: sweep")

    def _close(self, queue: "Queue", lease: "Lease", outcome: Any) -> None:
        from priced.sweep.storage import patiently

        patiently(lambda: queue.close(lease, outcome))

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Note signals between two trials; a run takes those that come during it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = [signal.signal(number, self._note) for number in _HANDLED]
        try:
            yield
        finally:
            for number, handler in zip(_HANDLED, before, strict=True):
                signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Give signs of life, and look for a word to end, beside the work."""
        thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        beats = 0.0
        while not self._over.wait(_WATCH_SECONDS):
            orphaned = self._is_child and os.getppid() != self.worker.parent
            if orphaned or self.worker.stop_file.exists():
                self._told_to_end = True
            lease = self.lease
            beats += _WATCH_SECONDS
            if lease is not None and beats >= BEAT_SECONDS:
                beats = 0.0
                try:
                    if read_lease(self.plan.folder, lease.number) == lease.holder:
                        write_lease(self.plan.folder, lease.number, lease.holder)
                except OSError as error:
                    say_error(error)
