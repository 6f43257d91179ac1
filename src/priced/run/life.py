"""One life of a run, a process's work on it: what it leaves in the folder and the ledger."""

import logging
import socket
import traceback
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from priced.build import Parts
from priced.price.ledger import Entry, append, close
from priced.price.runs import DIED
from priced.record import folder as names
from priced.record.entries import read_entries, write_entry
from priced.record.mask import hidden, masked, masked_overrides, masked_source
from priced.record.receipt import alive, lives_of, write_receipt

log = logging.getLogger(__name__)


def open_life(
    cfg: DictConfig,
    parts: Parts,
    run: str,
    overrides: list[str],
    settings: str,
    quote: dict[str, Any],
) -> Entry:
    """Make the folder, or take it up again, and enter the life as running.

    Earlier lives that ended without a word are closed as died.

    Args:
        cfg: The run's config.
        parts: The run's.
        run: The run's id.
        overrides: The words of the command line.
        settings: What tells its config from others.
        quote: What was said of its price; empty without one.

    Raises:
        ValueError: If another process works on the run, or the ledger or the folder cannot be
            written.
    """
    folder = Path(cfg.folder)
    before = read_entries(folder)
    _close_dead(before, folder, cfg.ledger)
    entry = Entry(
        run=run,
        life=lives_of(folder),
        folder=cfg.folder,
        started_at=_now(),
        stages=list(cfg.stages),
        seed=cfg.seed,
        precision=str(parts.trainer.precision),
        host=socket.gethostname(),
        settings=settings,
        target={
            "metric": cfg.target.metric,
            "mode": cfg.target.mode,
            "rungs": list(cfg.target.rungs),
        },
        tags=hidden(list(cfg.tags), cfg),
        overrides=masked_overrides(overrides, cfg),
        quote=quote,
        tariff=hidden(asdict(parts.tariff), cfg),
        model=_option(cfg.model),
        data=_option(cfg.data),
        task=_option(cfg.task),
        experiment=_experiment(overrides) or (before[0].experiment if before else ""),
    )
    entry = measured(parts, entry)
    append(entry, cfg.ledger)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_start(cfg, parts, entry, folder)
    except OSError as error:
        close(replace(entry, status="failed"), cfg.ledger)
        raise ValueError(
            f"the run's folder {folder} cannot be written: {error.strerror}"
        ) from error
    return entry


def measured(parts: Parts, entry: Entry) -> Entry:
    """Return a life's entry with what it has used, cost and reached until now."""
    usage = parts.meter.usage(parts.trainer)
    return replace(
        entry,
        updated_at=_now(),
        rungs=parts.ladder.crossings(),
        usage=usage.as_dict(),
        seconds=usage.seconds,
        usd=parts.tariff.price(usage.seconds, usage.joules, usage.nodes),
    )


def beat(cfg: DictConfig, parts: Parts, entry: Entry) -> None:
    """Write what a life has used until now; a ledger that is away for a while does not end it."""
    now = measured(parts, entry)
    try:
        _write_usage(Path(cfg.folder), now)
        close(now, cfg.ledger)
    except (OSError, ValueError) as error:
        log.warning("%s; the run goes on", error)


def close_life(cfg: DictConfig, parts: Parts, entry: Entry) -> Entry:
    """Write what became of a life, and what it used and cost; return the entry with both."""
    folder = Path(cfg.folder)
    if entry.status == "failed":
        told = hidden(traceback.format_exc(), cfg)
        names.write_text(folder / "error.txt", told)
    entry = measured(parts, entry)
    before = names.read_json(folder / names.SCORES) if (folder / names.SCORES).exists() else {}
    names.write_json(folder / names.SCORES, before | entry.scores)
    names.write_text(folder / names.STATUS, entry.status + "\n")
    entry = with_error(entry)
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _option(node: DictConfig) -> str:
    """Return an option's name, which is that of its module."""
    return str(node._target_).split(".")[-2]


def _experiment(overrides: Sequence[str]) -> str:
    picked = [word.partition("=")[2] for word in overrides if word.startswith("experiment=")]
    return picked[-1] if picked else ""


def _write_start(cfg: DictConfig, parts: Parts, entry: Entry, folder: Path) -> None:
    names.write_text(folder / names.STATUS, "running\n")
    write_receipt(folder, entry)
    _write_usage(folder, entry)
    if entry.life == 0 or "fit" in entry.stages:
        source = masked_source(cfg)
        source.run = source.folder = None  # of this life, not of the run
        names.write_text(folder / names.CONFIG, OmegaConf.to_yaml(source))
        names.write_text(folder / names.RESOLVED, OmegaConf.to_yaml(masked(cfg)))
        names.write_text(folder / names.OVERRIDES, OmegaConf.to_yaml(entry.overrides))
        names.write_json(folder / names.DATA, parts.data.state())
