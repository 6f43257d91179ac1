"""Before a run: what it will cost, and whether it may."""

import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from priced.callback.meter import Meter
from priced.callback.units import Position
from priced.check.redact import redact_config
from priced.check.schema import LIMITS
from priced.price.ledger import QUOTED, Entry, entries
from priced.price.money import amount
from priced.price.pricelist import tariff_of
from priced.price.quote import Quote, quote_of
from priced.price.usage import usage_of
from priced.run.quote import make_quote
from priced.run.weights import find_stop

log = logging.getLogger(__name__)


def find_quote(
    cfg: DictConfig,
    meter: Meter,
    settings: str,
    data_state: dict[str, Any] | None,
    weights: Path | None,
    data_is_named: bool = False,
) -> Quote | None:
    """Make a quote where one is asked for or a budget needs it, else find one made before.

    Args:
        cfg: A composed config.
        meter: Charges the probe to the phase `quote`.
        settings: What tells the config from others.
        data_state: What a trained run cleaned its data with.
        weights: What the first stage starts from.
        data_is_named: See `build`.
    """
    limited = any(cfg.budget[limit] is not None for limit in LIMITS)
    if "quote" not in cfg.stages and not (limited and {"fit", "test"} & set(cfg.stages)):
        return _earlier(cfg, settings) if cfg.run is None else None
    resumes = weights is not None and "fit" in cfg.stages
    done = find_stop(weights) if weights is not None and resumes else Position()
    started = meter.stopwatch.seconds
    with meter.phase("quote"):
        return make_quote(cfg, started, data_state, done, data_is_named)


def _earlier(cfg: DictConfig, settings: str) -> Quote | None:
    """Return the newest quote made here, by `stages=[quote]`, for the same settings and stages."""
    for made in entries(cfg.ledger, settings=settings, status=QUOTED):
        if made.host == socket.gethostname() and made.quote.get("stages") == list(cfg.stages):
            return quote_of(made.quote).under(tariff_of(redact_config(cfg)["tariff"]))
    return None


def hold_budget(
    budget: DictConfig, quote: Quote | None, quoting_seconds: float, before: Sequence[Entry]
) -> None:
    """Hold a quote, what making it took, and what was spent before against the budget.

    Args:
        budget: The limits, and what to do about them.
        quote: What the run will take.
        quoting_seconds: What the probe took: at the same price a second.
        before: Earlier lives.

    Raises:
        ValueError: If it is quoted above a limit and `budget.enforce` says to refuse.
    """
    spent = {
        "usd": sum(life.usd for life in before),
        "seconds": sum(life.seconds for life in before),
        "joules": sum(usage_of(life.usage).joules for life in before),
    }
    for limit in LIMITS:
        if budget[limit] is None:
            continue
        if spent[limit] >= budget[limit]:
            raise ValueError(
                f"budget.{limit}={budget[limit]:g} is spent: {amount(spent[limit])} {limit} went "
                "into the run before; give it a larger one to go on"
            )
        probed = 1 + quoting_seconds / quote.seconds if quote else 0.0
        asked = spent[limit] + probed * getattr(quote, limit, 0.0)
        if asked > budget[limit]:
            above = f"above budget.{limit}={budget[limit]:g}"
            message = f"the run is quoted at {amount(asked)} {limit}, {above}"
            if budget.enforce == "refuse":
                raise ValueError(f"{message}; budget.enforce=warn runs it until that is spent")
            log.warning("%s: it will stop there", message)
