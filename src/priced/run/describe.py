"""What is known of a life as it starts."""

import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from omegaconf import DictConfig

from priced.build import Start
from priced.check.redact import redact, redact_overrides
from priced.check.root import cv_score, is_limited, list_declared_metrics
from priced.compose.config import Config
from priced.price.target import Target
from priced.record.entries import read_entries
from priced.record.entry import Entry
from priced.record.receipt import lives_of

_SCORED = {
    "last": "each fold by its last epoch",
    "best": "each fold by the weights that were best on an inner split",
}


def describe(start: Start, config: Config) -> Entry:
    """Return the entry of a life that starts now, without what it will use and cost."""
    tree, folder, place = config.tree, start.folder, start.place
    before = read_entries(folder)
    declared = list_declared_metrics(config.task)
    return Entry(
        run=start.run,
        life=lives_of(folder),
        folder=str(folder),
        started_at=now(),
        stages=list(config.stages),
        seed=config.seed,
        precision=config.precision,
        host=socket.gethostname(),
        settings=start.digest,
        target=Target(
            metric=config.target.metric,
            mode=config.target.mode,
            rungs=tuple(config.target.rungs),
            directions={name: one.mode for name, one in declared.items()},
            limited=is_limited(config.trainer),
            scored="" if config.cv.folds is None else _SCORED[cv_score(tree)],
        ),
        tags=redact(list(config.tags), tree),
        overrides=redact_overrides(list(config.words), tree),
        model=_option(config.model),
        data=_option(config.data),
        task=_option(config.task),
        experiment=_experiment(config.words) or (before[0].experiment if before else ""),
        parent=place.parent,
        sweep=place.sweep,
        trial=place.trial,
    )


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
