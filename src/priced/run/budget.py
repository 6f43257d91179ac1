"""Before a run: what it will cost, and whether it may."""

import logging
import socket
from collections.abc import Sequence

from priced.build import Start
from priced.callback.meter import Meter
from priced.check.redact import redact_config
from priced.check.schema import LIMITS, Budget
from priced.price.money import amount
from priced.price.pricelist import tariff_of
from priced.price.quote import Quote
from priced.record.entry import QUOTED, Entry
from priced.record.ledger import entries
from priced.record.runs import sum_by_limit
from priced.run.quote import make_quote

log = logging.getLogger(__name__)


def find_quote(start: Start, meter: Meter) -> Quote | None:
    """Make a quote where one is asked for or a budget needs it, else find one made before.

    A member of a group has none: the whole is quoted.

    Args:
        start: Where the run begins.
        meter: Charges the probe to the phase `quote`.
    """
    config = start.config
    if start.place.parent:
        return None  # the whole is quoted
    limited = any(getattr(config.budget, limit) is not None for limit in LIMITS)
    if "quote" not in config.stages and not (limited and {"fit", "test"} & set(config.stages)):
        return _find_earlier(start) if config.run is None else None
    started = meter.stopwatch.seconds
    with meter.phase("quote"):
        return make_quote(start, started)


def _find_earlier(start: Start) -> Quote | None:
    """Return the newest quote made here, by `stages=[quote]`, for the same settings and stages."""
    config = start.config
    for made in entries(config.ledger, settings=start.digest, status=QUOTED):
        if (
            made.quote is not None
            and made.host == socket.gethostname()
            and made.quote.stages == list(config.stages)
        ):
            return made.quote.under(tariff_of(redact_config(config.tree)["tariff"]))
    return None


def hold_budget(budget: Budget, quote: Quote | None, meter: Meter, before: Sequence[Entry]) -> None:
    """Hold a quote, what making it took, and what was spent before against the budget.

    Args:
        budget: The limits, and what to do about them.
        quote: What the run will take.
        meter: Knows what the probe took: at the same price a second.
        before: Earlier lives.

    Raises:
        ValueError: If it is quoted above a limit and `budget.enforce` says to refuse.
    """
    spent = sum_by_limit(before)
    quoting_seconds = meter.stopwatch.seconds_by_phase().get("quote", 0.0)
    for limit in LIMITS:
        most = getattr(budget, limit)
        if most is None:
            continue
        if spent[limit] >= most:
            raise ValueError(
                f"budget.{limit}={most:g} is spent: {amount(spent[limit])} {limit} went "
                "into the run before; give it a larger one to go on"
            )
        probed = 1 + quoting_seconds / quote.seconds if quote else 0.0
        asked = spent[limit] + probed * getattr(quote, limit, 0.0)
        if asked > most:
            above = f"above budget.{limit}={most:g}"
            message = f"the run is quoted at {amount(asked)} {limit}, {above}"
            if budget.enforce == "refuse":
                raise ValueError(f"{message}; budget.enforce=warn runs it until that is spent")
            log.warning("%s: it will stop there", message)
