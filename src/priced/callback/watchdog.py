"""What ends ranks that wait for one that is gone; on wherever there are several."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from priced.check.terminal import say

BEAT_SECONDS = 1.0
SILENT_SECONDS = 30.0
"""After which a rank without a sign of life is taken for dead."""
COLLECTIVE_SECONDS = 600.0
"""How long a rank waits for the others in one place, all of them alive."""
_FOLDER = ".ranks"
_EXIT = 1


class Watchdog(Callback):
    """Let each rank give signs of life in the run's folder, and end all when one gives none.

    A rank that is killed or stopped enters no more collectives, and the others would wait for it
    for good. Where all live and wait for different things, the process group ends the wait.

    Args:
        folder: The run's, which all ranks share.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder) / _FOLDER
        self.on_silence: Callable[[str], None] = lambda message: None
        self._ended = threading.Event()

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Start to give signs, and to look for those of the others."""
        if trainer.world_size == 1 or self.folder.parent == Path():
            return
        self._ended.clear()
        self.folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._watch, args=(trainer,), name="watchdog", daemon=True).start()

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Say that this rank is through."""
        self._end(trainer)

    def on_exception(self, trainer: Trainer, *args: Any) -> None:
        """Look no more: what is wrong is said already. The others see this rank fall silent."""
        self._ended.set()

    def _end(self, trainer: Trainer) -> None:
        self._ended.set()
        if trainer.world_size > 1:
            self._sign(trainer.global_rank).unlink(missing_ok=True)
            if trainer.is_global_zero:
                shutil.rmtree(self.folder, ignore_errors=True)

    def _sign(self, rank: int) -> Path:
        return self.folder / str(rank)

    def _watch(self, trainer: Trainer) -> None:
        seen: dict[int, tuple[str, float]] = {}
        beats = 0
        while not self._ended.wait(BEAT_SECONDS):
            beats += 1
            try:
                self._sign(trainer.global_rank).write_text(str(beats))
            except OSError:  # the folder is gone: whoever took it ends the run
                return
            for rank in range(trainer.world_size):
                now = time.monotonic()
                sign = self._read(rank)
                if sign is None or seen.get(rank, ("", 0.0))[0] != sign:
                    seen[rank] = (sign or "", now)
                elif now - seen[rank][1] > SILENT_SECONDS and not self._ended.is_set():
                    self._give_up(trainer, rank)

    def _read(self, rank: int) -> str | None:
        try:
            return self._sign(rank).read_text()
        except OSError:  # it has not begun, or is through
            return None

    def _give_up(self, trainer: Trainer, rank: int) -> None:
        message = f"rank {rank} gave no sign of life for {SILENT_SECONDS:.0f} seconds"
        if trainer.is_global_zero:
            self.on_silence(message)
        for process in getattr(trainer.strategy.launcher, "procs", []):
            process.send_signal(signal.SIGKILL)  # a stopped one takes no other
        say(f"priced: the run is ended: {message}")
        os._exit(_EXIT)  # the main thread waits in a collective that nobody will end


def limit_waiting(trainer: Trainer) -> None:
    """Let a process group give up in the end, if the strategy has one that takes a limit."""
    if trainer.world_size > 1 and hasattr(trainer.strategy, "_timeout"):
        trainer.strategy._timeout = timedelta(seconds=COLLECTIVE_SECONDS)
