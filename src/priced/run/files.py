"""The files that a life leaves in its run's folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from priced.check.redact import redact_config, redact_source
from priced.check.schema import OF_SWEEPS
from priced.record import folder as names
from priced.record.entries import read_entries, write_entry
from priced.record.entry import Entry
from priced.record.receipt import write_receipt


def write_start(
    tree: DictConfig, entry: Entry, folder: Path, data_state: Mapping[str, Any] | None
) -> None:
    """Write what a life begins with: its status, its receipt, and the config that it trains by.

    Args:
        tree: The run's config.
        entry: The life.
        folder: The run's.
        data_state: What its data was cleaned with; None for a group, whose members have it.
    """
    names.write_text(folder / names.STATUS, "running\n")
    write_receipt(folder, entry)
    write_usage(folder, entry)
    if entry.life and "fit" not in entry.stages:
        return
    source, resolved = redact_source(tree), redact_config(tree)
    source.run = source.folder = None  # of this life, not of the run
    for key in OF_SWEEPS:
        source.pop(key, None)
        resolved.pop(key, None)
    names.write_text(folder / names.CONFIG, OmegaConf.to_yaml(source))
    names.write_text(folder / names.RESOLVED, OmegaConf.to_yaml(resolved))
    names.write_text(folder / names.OVERRIDES, OmegaConf.to_yaml(entry.overrides))
    if data_state is not None:
        names.write_json(folder / names.DATA, dict(data_state))


def write_usage(folder: Path, entry: Entry) -> None:
    """Write what a life has used until now, beside what the others did."""
    write_entry(folder, entry)
    lives = [life.usage.as_dict() for life in read_entries(folder)]
    names.write_json(folder / names.USAGE, {"lives": lives})
