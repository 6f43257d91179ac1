"""What a run is a part of."""

from dataclasses import dataclass


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
