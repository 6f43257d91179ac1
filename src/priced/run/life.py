"""One life of a run, a process's work on it: what it leaves in the folder and the ledger."""

import socket
import traceback
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from priced.build import Parts
from priced.price.ledger import Entry, append, close
from priced.record import folder as names
from priced.record.mask import hidden, masked, masked_overrides, masked_source
from priced.record.receipt import lives_of, write_receipt


def open_life(cfg: DictConfig, parts: Parts, run: str, overrides: list[str]) -> Entry:
    """Make the folder, or take it up again, and enter the life as running.

    Args:
        cfg: The run's config.
        parts: The run's.
        run: The run's id.
        overrides: The words of the command line.

    Raises:
        ValueError: If the ledger or the folder cannot be written.
    """
    folder = Path(cfg.folder)
    entry = Entry(
        run=run,
        life=lives_of(folder),
        folder=cfg.folder,
        started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        stages=list(cfg.stages),
        seed=cfg.seed,
        precision=str(parts.trainer.precision),
        host=socket.gethostname(),
        tags=hidden(list(cfg.tags), cfg),
        overrides=masked_overrides(overrides, cfg),
        tariff=hidden(asdict(parts.tariff), cfg),
        usage=parts.meter.usage(parts.trainer).as_dict(),
        model=_option(cfg.model),
        data=_option(cfg.data),
        task=_option(cfg.task),
        experiment=_experiment(overrides),
    )
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


def close_life(cfg: DictConfig, parts: Parts, entry: Entry) -> Entry:
    """Write what became of a life, and what it used and cost; return the entry with both."""
    folder = Path(cfg.folder)
    if entry.status == "failed":
        told = hidden(traceback.format_exc(), cfg)
        names.write_text(folder / "error.txt", told)
    usage = parts.meter.usage(parts.trainer)
    entry = replace(
        entry,
        usage=usage.as_dict(),
        seconds=usage.seconds,
        usd=parts.tariff.price(usage.seconds, usage.nodes),
    )
    before = names.read_json(folder / names.SCORES) if (folder / names.SCORES).exists() else {}
    names.write_json(folder / names.SCORES, before | entry.scores)
    used = names.read_json(folder / names.USAGE)["lives"] if entry.life else []
    names.write_json(folder / names.USAGE, {"lives": [*used, entry.usage]})
    names.write_text(folder / names.STATUS, entry.status + "\n")
    close(entry, cfg.ledger)
    return entry


def _option(node: DictConfig) -> str:
    """Return an option's name, which is that of its module."""
    return str(node._target_).split(".")[-2]


def _experiment(overrides: list[str]) -> str:
    picked = [word.partition("=")[2] for word in overrides if word.startswith("experiment=")]
    return picked[-1] if picked else ""


def _write_start(cfg: DictConfig, parts: Parts, entry: Entry, folder: Path) -> None:
    names.write_text(folder / names.STATUS, "running\n")
    write_receipt(folder, entry)
    if entry.life == 0 or "fit" in entry.stages:
        source = masked_source(cfg)
        source.run = source.folder = None  # of this life, not of the run
        names.write_text(folder / names.CONFIG, OmegaConf.to_yaml(source))
        names.write_text(folder / names.RESOLVED, OmegaConf.to_yaml(masked(cfg)))
        names.write_text(folder / names.OVERRIDES, OmegaConf.to_yaml(entry.overrides))
        names.write_json(folder / names.DATA, parts.data.state())
