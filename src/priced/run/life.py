"""One process's work on a run or a group, from its first line in the ledger to its last.

The one place where a status, a usage and a price are settled.
"""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from priced.build import Components, Start
from priced.callback.stop import Stopped
from priced.check.redact import redact
from priced.compose.config import Config
from priced.price.pricelist import tariff_of
from priced.price.quote import Quote
from priced.record import folder as names
from priced.record.entries import read_entries, write_entry
from priced.record.entry import QUOTED, Entry
from priced.record.ledger import append, close, entries, replace_all
from priced.record.receipt import alive
from priced.record.runs import DIED, all_in_usd, merge_scores
from priced.run.describe import describe, now
from priced.run.files import write_start, write_usage
from priced.run.start import is_quote

log = logging.getLogger(__name__)


def find_status(error: BaseException | None) -> str:
    """Return what became of work that ended with an error, or without one."""
    if error is None:
        return "done"
    if isinstance(error, Stopped):
        return error.status
    return "stopped" if isinstance(error, KeyboardInterrupt) else "failed"


class Life:
    """One process's work on a run: a context that writes what became of it, however it ends.

    Args:
        config: The run's; its folder is named.
        entry: What is known of it, entered as running.
        measure: Returns an entry with what has been used, cost and reached until now.
        charge: Called once all is written: what comes after is another run's.
        members: The entries that a group's is made of, as they come.

    Attributes:
        scores: The last value of each quantity.
    """

    def __init__(
        self,
        config: Config,
        entry: Entry,
        measure: Callable[[Entry], Entry],
        charge: Callable[[], None] = lambda: None,
        members: Sequence[Entry] = (),
    ) -> None:
        self.config = config
        self.entry = entry
        self.scores: dict[str, float | None] = {}
        self._measure = measure
        self._charge = charge
        self._members = members
        self._is_scored = False

    @classmethod
    def open_run(cls, start: Start, components: Components, quote: Quote | None) -> "Life":
        """Make a run's folder, or take it up again, and enter the life as running.

        Raises:
            ValueError: If another process works on the run, or the ledger or the folder cannot be
                written.
        """
        config, trainer, meter = components.config, components.trainer, components.meter
        entry = describe(start, config)
        entry = replace(
            entry,
            precision=str(trainer.precision),
            quote=quote,
            tariff=tariff_of(redact(asdict(components.tariff), config.tree)),
            data=":".join(filter(None, [entry.data, components.data.label])),
            started_at=now(meter.stopwatch.seconds),
        )

        def measure(entry: Entry) -> Entry:
            usage = meter.usage(trainer)
            return replace(
                entry,
                rungs=components.ladder.crossings(),
                usage=usage,
                seconds=usage.seconds,
                usd=all_in_usd(usage, components.tariff),
            )

        life = cls(config, entry, measure, meter.charge)
        life.enter(components.data.state())
        return life

    def enter(self, data_state: Mapping[str, Any] | None) -> None:
        """Enter the life in the ledger and in its folder.

        Earlier lives that ended without a word are closed as died.

        Args:
            data_state: What its data was cleaned with; None for a group, whose members have it.

        Raises:
            ValueError: If another process works on the run, or the ledger or the folder cannot be
                written.
        """
        config, folder = self.config, self.config.run_folder
        self.entry = self.measure()
        before = read_entries(folder)
        if before and not entries(config.ledger, self.entry.run, limit=1):
            replace_all(before, config.ledger)  # a ledger that was lost: what was spent counts
        _close_dead(before, folder, config.ledger)
        append(self.entry, config.ledger)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_start(config.tree, self.entry, folder, data_state)
        except OSError as error:
            close(replace(self.entry, status="failed"), config.ledger)
            message = f"the run's folder {folder} cannot be written: {error.strerror}"
            raise ValueError(message) from error

    def __enter__(self) -> "Life":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        status = find_status(error)
        if status == "failed" and self._is_scored:
            status = "done"  # whatever comes of its predictions
        if status == "failed":
            text = "".join(traceback.format_exception(error))
            self._write_error(redact(text, self.config.tree))
        if error is None and is_quote(self.config):
            status = QUOTED
        try:
            self._leave(status)
        finally:
            self._charge()

    def add_scores(self, stage: str, scores: Mapping[str, float | None]) -> None:
        """Add what a stage has ended with."""
        self.scores |= scores
        rest = self.config.stages[self.config.stages.index(stage) + 1 :]
        # All that trains or scores is done then.
        self._is_scored = "fit" in self.config.stages and not set(rest) - {"predict", "export"}

    def measure(self) -> Entry:
        """Return the entry with what the life has used, cost and reached until now."""
        return replace(self._measure(self.entry), updated_at=now())

    def beat(self) -> None:
        """Write what was used until now; a ledger that is away for a while does not end a run."""
        entry = self.measure()
        try:
            write_usage(Path(entry.folder), entry)
            close(entry, self.config.ledger)
        except (OSError, ValueError) as error:
            log.warning("%s; the run goes on", error)

    def fail(self, message: str) -> None:
        """Write that the life has failed, from a thread: its own cannot, and the process ends."""
        self._write_error(message + "\n")
        self._leave("failed")

    def _leave(self, status: str) -> None:
        self.entry = replace(self.entry, status=status, scores=dict(self.scores))
        self.entry = _compare_quote(self.measure(), self._members)
        folder = Path(self.entry.folder)
        before = names.read_json(folder / names.SCORES) if (folder / names.SCORES).exists() else {}
        names.write_json(folder / names.SCORES, merge_scores(before, self.entry))
        names.write_text(folder / names.STATUS, status + "\n")
        write_usage(folder, self.entry)
        close(self.entry, self.config.ledger)

    def _write_error(self, text: str) -> None:
        names.write_text(Path(self.entry.folder) / "error.txt", text)


def _compare_quote(entry: Entry, lives: Sequence[Entry]) -> Entry:
    """Return an entry whose quote, if it had one and went to its end, is held against the truth.

    Args:
        entry: Of the run, or of the group.
        lives: What was quoted: the entry itself, or its members'.
    """
    if entry.quote is None or entry.status != "done":
        return entry
    # Members that an earlier life has finished were not quoted.
    quoted = [life for life in lives if life.updated_at > entry.started_at] or [entry]
    took = sum(life.seconds - life.usage.seconds_by_phase.get("quote", 0.0) for life in quoted)
    return replace(entry, quote=replace(entry.quote, error=took / entry.quote.seconds - 1))


def _close_dead(before: Sequence[Entry], folder: Path, ledger: str) -> None:
    for life in before:
        if life.status != "running":
            continue
        if who := alive(life, folder):
            raise ValueError(
                f"the run in {folder} is being worked on, by {who}: wait until it ends"
            )
        died = replace(life, status=DIED)
        write_entry(folder, died)
        close(died, ledger)
