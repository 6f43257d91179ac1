"""Where a run begins: all that is known before anything is built."""

from dataclasses import replace
from pathlib import Path

from priced.build.pretrained import resolve_references
from priced.build.start import Place, Start
from priced.check import pending_keys
from priced.check.config_digest import digest_config
from priced.compose.config import Config
from priced.record.entries import read_entries
from priced.record.find import find_folder
from priced.record.folder import (
    DATA,
    RECEIPT,
    SCORES,
    USAGE,
    check_links,
    check_new,
    new_folder,
    new_id,
    read_json,
)
from priced.record.receipt import run_of
from priced.run.change import check_changes, find_changes, names_data
from priced.run.weights import find_stop, first_weights


def is_quote(config: Config) -> bool:
    """Say whether a config asks for its price alone: then a run stays as it is."""
    return list(config.stages) == ["quote"]


def plan(config: Config, place: Place) -> Start:
    """Return where a run begins: a new one, or one that is gone on with in its own folder.

    Args:
        config: What to run.
        place: Where the run stands among others.

    Raises:
        ValueError: If there is no such run, its folder is damaged, or the config asks of it what a
            run cannot take up in its middle.
    """
    old = find_folder(config.run, Path(config.logs)) if config.run else None
    start = replace(_name(config, None if is_quote(config) else old), place=place)
    if old is None:
        return start
    check_links(old)
    for file in (RECEIPT, SCORES, USAGE, DATA):  # what the end of the run adds to, read before it
        if (old / file).exists():
            read_json(old / file)
    weights = first_weights(old, config.stages)
    start = replace(
        start,
        weights=weights,
        data_state=read_json(old / DATA),
        data_is_named=names_data(config, old),
    )
    if weights is None or "fit" not in config.stages:
        return start
    changes = find_changes(start.config, old, pending_keys(start.config.tree))
    within_epoch = find_stop(weights).batches > 0
    return replace(start, optimizer_settings=check_changes(config, changes, within_epoch))


def plan_group(config: Config, place: Place) -> Start:
    """Return where a group of runs begins, or is gone on with.

    Args:
        config: What its members have in common.
        place: Where the group stands among other runs.

    Raises:
        ValueError: If there is no such group, or its folder holds another run.
    """
    old = find_folder(config.run, Path(config.logs)) if config.run else None
    return replace(_name(config, old), place=place)


def _name(config: Config, old: Path | None) -> Start:
    """Return a start with its folder, its id and what other runs it takes from named for good."""
    run = run_of(old) if old else new_id()
    if old is None and config.folder is not None:
        check_new(Path(config.folder))
    kind = "quotes" if is_quote(config) else "runs"
    folder = old or config.folder or new_folder(Path(config.logs), run, kind)
    config = resolve_references(config.assign({"folder": str(folder)}))
    before = tuple(read_entries(old)) if old else ()
    return Start(config, run=run, digest=digest_config(config.tree), before=before)
