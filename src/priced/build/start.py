"""Where a run begins, and what it is a part of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from priced.compose.config import Config
from priced.record.entry import Entry


@dataclass(frozen=True)
class Place:
    """Where a run stands among others.

    Attributes:
        parent: The run that it is a part of; empty for one of its own.
        sweep: The name of the sweep that it is a trial of; empty outside of one.
        trial: Its number there.
        share: How much of the machine it has, in (0, 1]: other workers of the sweep have the rest.
    """

    parent: str = ""
    sweep: str = ""
    trial: int = -1
    share: float = 1.0


@dataclass(frozen=True)
class Start:
    """Where a run begins.

    Attributes:
        config: What to run; its folder is named.
        run: The run's id.
        digest: What tells its config from others.
        place: Where it stands among other runs.
        before: Its earlier lives: what they spent counts.
        weights: The checkpoint that the first stage takes; None: none.
        data_state: What a trained run cleaned its data with; None: it is learnt from this data.
        rows: What is read instead of what the config names; None: nothing is.
        data_is_named: Whether the user named data for a run that exists: it may be other data.
        optimizer_settings: Those that are in force over a checkpoint's.
    """

    config: Config
    run: str = ""
    digest: str = ""
    place: Place = Place()
    before: tuple[Entry, ...] = ()
    weights: Path | None = None
    data_state: Mapping[str, Any] | None = None
    rows: Any = None
    data_is_named: bool = False
    optimizer_settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Return where the run keeps its files."""
        return self.config.run_folder
