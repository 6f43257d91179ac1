"""What the ledger keeps of a run, and its plain form for files and databases."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from priced.price.ladder import Crossing
from priced.price.quote import Quote
from priced.price.target import Target
from priced.price.tariff import UNPRICED, Tariff
from priced.price.usage import Usage

QUOTED = "quoted"
"""The status of a run that was asked for its price alone."""


@dataclass(frozen=True)
class Entry:
    """One life of a run: what one process did with it, used and cost.

    A run that is resumed has several lives under one `run`; what was spent before counts.

    Attributes:
        run: The run's id, the last part of its folder's name.
        life: 0 for the first process, 1 for the first resume, and so on.
        folder: Where the run keeps its files.
        started_at: When the life started, ISO 8601, UTC.
        updated_at: When the entry was last written: a life that runs writes it again and again.
        status: running, done, quoted, failed, stopped (`stopped: budget` by its own), or died:
            ended without a word.
        model, data, task, experiment: The options picked, by name.
        stages: What it was asked to do.
        seed: Its seed.
        precision: The precision that really ran.
        host: The machine's name.
        settings: A digest of the config without seed, stages, places and prices: runs that share
            it are repetitions of each other.
        target: What the run goes by, and how its scores are to be read.
        tags: The user's own words.
        overrides: The command line's, secrets masked.
        scores: The last value of each quantity.
        rungs: Where the target first crossed each rung; of all lives until then.
        quote: What was said before it ran; None without one.
        usage: What it used.
        tariff: The price list at the time.
        seconds: All-in wall seconds.
        usd: What they cost under `tariff`.
        parent: The run that this one is a part of, a fold of a cross-validation or one of its
            seeds; empty for a run of its own. A parent has scores, and its members have the price.
        sweep: The sweep that it is a trial of, its name and an id; empty outside of one.
        trial: Its number there; -1 outside of one.
    """

    run: str
    life: int
    folder: str
    started_at: str
    updated_at: str = ""
    status: str = "running"
    model: str = ""
    data: str = ""
    task: str = ""
    experiment: str = ""
    stages: list[str] = field(default_factory=list)
    seed: int = 0
    precision: str = ""
    host: str = ""
    settings: str = ""
    target: Target = field(default_factory=Target)
    tags: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    scores: dict[str, float | None] = field(default_factory=dict)
    rungs: tuple[Crossing, ...] = ()
    quote: Quote | None = None
    usage: Usage = field(default_factory=Usage)
    tariff: Tariff = UNPRICED
    seconds: float = 0.0
    usd: float = 0.0
    parent: str = ""
    sweep: str = ""
    trial: int = -1


def read_entry(plain: Mapping[str, Any]) -> Entry:
    """Return an entry from its plain form; what other versions wrote beside it is let go.

    Raises:
        ValueError: If it is none.
    """
    known = {key: value for key, value in plain.items() if key not in _MAY_BE_EMPTY or value}
    usage = known.get("usage", {})
    if "machine_seconds" not in usage:  # of an older version
        machines = usage.get("nodes", 1) * usage.get("share", 1.0)
        known["usage"] = usage | {
            "machine_seconds": usage.get("seconds", 0.0) * machines,
            "fit_machine_seconds": usage.get("fit_seconds", 0.0) * machines,
        }
    try:
        return msgspec.convert(known, Entry)
    except msgspec.ValidationError as error:
        raise ValueError(f"no entry of a ledger: {error}") from error


def plain_entry(entry: Entry) -> dict[str, Any]:
    """Return the plain form of an entry, which older versions can read too."""
    plain = asdict(entry)
    return plain | {"quote": plain["quote"] or {}}


_MAY_BE_EMPTY = ("quote", "tariff")
"""Empty in its plain form where there is none."""
