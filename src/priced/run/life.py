"""One life of a run, a process's work on it: what it leaves in the folder and the ledger."""

import logging
import socket
import traceback
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from priced.build import Components
from priced.check.redact import redact, redact_config, redact_overrides, redact_source
from priced.check.root import cv_score, is_limited, list_declared_metrics
from priced.check.schema import OF_SWEEPS
from priced.price.ledger import Entry, append, close, entries, replace_all
from priced.price.runs import DIED, all_in_usd
from priced.record import folder as names
from priced.record.entries import read_entries, write_entry
from priced.record.receipt import alive, lives_of, write_receipt
from priced.run.place import Place

_SCORED = {
    "last": "each fold by its last epoch",
    "best": "each fold by the weights that were best on an inner split",
}
log = logging.getLogger(__name__)


def open_life(
    cfg: DictConfig, components: Components, entry: Entry, quote: dict[str, Any]
) -> Entry:
    """Make the folder, or take it up again, and enter the life as running.

    Earlier lives that ended without a word are closed as died.

    Args:
        cfg: The run's config.
        components: The run's.
        entry: What `described` says of it.
        quote: What was said of its price; empty without one.

    Raises:
        ValueError: If another process works on the run, or the ledger or the folder cannot be
            written.
    """
    entry = replace(
        entry,
        precision=str(components.trainer.precision),
        quote=quote,
        tariff=redact(asdict(components.tariff), cfg),
        data=":".join(filter(None, [entry.data, components.data.label])),
        started_at=now(components.meter.stopwatch.seconds),
    )
    return enter(cfg, measure(components, entry), components.data.state())


def describe_entry(
    cfg: DictConfig,
    run: str,
    overrides: list[str],
    settings: str,
    place: Place,
) -> Entry:
    """Return the entry of a life that starts now, without what it will use and cost.

    Args:
        cfg: The run's config, its folder known.
        run: The run's id.
        overrides: The words of the command line.
        settings: What tells its config from others.
        place: Where it stands among other runs.
    """
    folder = Path(cfg.folder)
    before = read_entries(folder)
    return Entry(
        run=run,
        life=lives_of(folder),
        folder=cfg.folder,
        started_at=now(),
        stages=list(cfg.stages),
        seed=cfg.seed,
        precision=cfg.precision,
        host=socket.gethostname(),
        settings=settings,
        target={
            "metric": cfg.target.metric,
            "mode": cfg.target.mode,
            "rungs": list(cfg.target.rungs),
            "directions": {name: one.mode for name, one in list_declared_metrics(cfg.task).items()},
            "limited": is_limited(cfg.trainer),
            "scored": "" if cfg.cv.folds is None else _SCORED[cv_score(cfg)],
        },
        tags=redact(list(cfg.tags), cfg),
        overrides=redact_overrides(overrides, cfg),
        model=_option(cfg.model),
        data=_option(cfg.data),
        task=_option(cfg.task),
        experiment=_experiment(overrides) or (before[0].experiment if before else ""),
        parent=place.parent,
        sweep=place.sweep,
        trial=place.trial,
    )


def enter(cfg: DictConfig, entry: Entry, data_state: dict[str, Any] | None) -> Entry:
    """Enter a life in the ledger and in its folder; return its entry.

    Args:
        cfg: The run's config.
        entry: The life.
        data_state: What its data was cleaned with; None for a whole, whose components have it.

    Raises:
        ValueError: If another process works on the run, or the ledger or the folder cannot be
            written.
    """
    folder = Path(cfg.folder)
    before = read_entries(folder)
    if before and not entries(cfg.ledger, entry.run, limit=1):
        replace_all(before, cfg.ledger)  # a ledger that was lost: what was spent before counts
    _close_dead(before, folder, cfg.ledger)
    append(entry, cfg.ledger)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_start(cfg, entry, folder, data_state)
    except OSError as error:
        close(replace(entry, status="failed"), cfg.ledger)
        raise ValueError(
            f"the run's folder {folder} cannot be written: {error.strerror}"
        ) from error
    return entry


def measure(components: Components, entry: Entry) -> Entry:
    """Return a life's entry with what it has used, cost and reached until now."""
    usage = components.meter.usage(components.trainer)
    return replace(
        entry,
        updated_at=now(),
        rungs=components.ladder.crossings(),
        usage=usage.as_dict(),
        seconds=usage.seconds,
        usd=all_in_usd(usage, components.tariff),
    )


def beat(cfg: DictConfig, components: Components, entry: Entry) -> None:
    """Write what a life has used until now; a ledger that is away for a while does not end it."""
    now = measure(components, entry)
    try:
        _write_usage(Path(cfg.folder), now)
        close(now, cfg.ledger)
    except (OSError, ValueError) as error:
        log.warning("%s; the run goes on", error)


def close_life(cfg: DictConfig, components: Components, entry: Entry) -> Entry:
    """Write what became of a life, and what it used and cost; return the entry with both."""
    if entry.status == "failed":
        trace = redact(traceback.format_exc(), cfg)
        names.write_text(Path(cfg.folder) / "error.txt", trace)
    return leave(cfg, with_error(measure(components, entry)))


def fail_life(cfg: DictConfig, components: Components, entry: Entry, message: str) -> None:
    """Write that a life has failed, from a thread, as its own cannot: the process ends then."""
    names.write_text(Path(cfg.folder) / "error.txt", message + "\n")
    leave(cfg, measure(components, replace(entry, status="failed")))


def leave(cfg: DictConfig, entry: Entry) -> Entry:
    """Write what became of a life, in its folder and the ledger; return its entry."""
    folder = Path(cfg.folder)
    before = names.read_json(folder / names.SCORES) if (folder / names.SCORES).exists() else {}
    names.write_json(folder / names.SCORES, before | entry.scores)
    names.write_text(folder / names.STATUS, entry.status + "\n")
    _write_usage(folder, entry)
    close(entry, cfg.ledger)
    return entry


def with_error(entry: Entry) -> Entry:
    """Return an entry whose quote, if it had one and went to its end, is held against the truth."""
    if not entry.quote or entry.status != "done":
        return entry
    took = entry.seconds - entry.usage["seconds_by_phase"].get("quote", 0.0)
    return replace(entry, quote=entry.quote | {"error": took / entry.quote["seconds"] - 1})


def _write_usage(folder: Path, entry: Entry) -> None:
    write_entry(folder, entry)
    lives = [life.usage for life in read_entries(folder)]
    names.write_json(folder / names.USAGE, {"lives": lives})


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


def now(seconds_ago: float = 0.0) -> str:
    """Return this moment, or one before it, ISO 8601, UTC."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return moment.isoformat(timespec="milliseconds")


def _option(node: DictConfig) -> str:
    """Return an option's name, which is that of its module."""
    return str(node._target_).split(".")[-2]


def _experiment(overrides: Sequence[str]) -> str:
    picked = [word.partition("=")[2] for word in overrides if word.startswith("experiment=")]
    return picked[-1] if picked else ""


def _write_start(
    cfg: DictConfig, entry: Entry, folder: Path, data_state: dict[str, Any] | None
) -> None:
    names.write_text(folder / names.STATUS, "running\n")
    write_receipt(folder, entry)
    _write_usage(folder, entry)
    if entry.life == 0 or "fit" in entry.stages:
        source, resolved = redact_source(cfg), redact_config(cfg)
        source.run = source.folder = None  # of this life, not of the run
        for key in OF_SWEEPS:
            source.pop(key, None)
            resolved.pop(key, None)
        names.write_text(folder / names.CONFIG, OmegaConf.to_yaml(source))
        names.write_text(folder / names.RESOLVED, OmegaConf.to_yaml(resolved))
        names.write_text(folder / names.OVERRIDES, OmegaConf.to_yaml(entry.overrides))
        if data_state is not None:
            names.write_json(folder / names.DATA, data_state)
