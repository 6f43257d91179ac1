"""One experiment, from its config to its entry in the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from priced.build import Components, Place, Start, build
from priced.callback.meter import Meter
from priced.callback.observe import RunObserver
from priced.callback.stop import Stopped
from priced.check import Refused
from priced.compose.config import Config
from priced.price.quote import Quote
from priced.record.entry import Entry
from priced.run.budget import find_quote, hold_budget
from priced.run.life import Life
from priced.run.stages import go_through
from priced.run.start import is_quote, plan
from priced.run.weights import check_weights
from priced.run.work import work


def run(
    config: Config,
    place: Place | None = None,
    observer: RunObserver | None = None,
    on_quote: Callable[[Quote], None] | None = None,
    on_start: Callable[[Entry], None] | None = None,
    meter: Meter | None = None,
) -> Entry:
    """Run the configured stages in order; enter what they used and cost in the ledger.

    Stages after `fit` use the best weights that it kept.

    Args:
        config: What to run. With `run` set, that run is gone on with in its own folder; else a new
            folder is made.
        place: Where the run stands in a sweep or a group.
        observer: Told of each validation; it may end the run.
        on_quote: Told what the run will cost before it starts, if that is known.
        on_start: Told of the entry, once it is written that the run has begun.
        meter: What measures it, if something was measured for it before.

    Returns:
        The entry just written.

    Raises:
        Refused: The config cannot run; nothing has been written.
        Stopped: A signal, a budget or the observer stopped the run; its entry has been written.
    """
    place = place or Place()
    meter = meter or Meter.of_process(place.share)
    start, components, life = _prepare(config, place, meter, observer)
    with life:
        if on_start is not None:
            on_start(life.entry)
        if on_quote is not None and life.entry.quote is not None:
            on_quote(life.entry.quote)
        with work(components, life, start):
            for stage, scores in go_through(components, start.weights):
                life.add_scores(stage, scores)
    return life.entry


def _prepare(
    config: Config, place: Place, meter: Meter, observer: RunObserver | None
) -> tuple[Start, Components, Life]:
    """Do all that can be refused; write only once nothing is."""
    with refusing(meter):
        start = plan(config, place)
        quote = find_quote(start, meter)
        if not is_quote(config):
            hold_budget(config.budget, quote, meter, start.before)
        components = build(start, meter, observer)
        if start.weights is not None:
            check_weights(components.task, start.weights, resumes="fit" in config.stages)
        return start, components, Life.open_run(start, components, quote)


@contextmanager
def refusing(meter: Meter) -> Iterator[None]:
    """Refuse a config for whatever goes wrong inside: nothing runs yet.

    Args:
        meter: Charges what was spent until an error, which is not the next run's.

    Raises:
        Refused: For any error.
        SystemExit: If a quote was stopped in its middle: there is nothing to save.
    """
    try:
        yield
    except Stopped as stopped:
        raise SystemExit(stopped.exit_code) from None
    except Exception as error:
        meter.charge()
        known = isinstance(error, ValueError)
        raise Refused(str(error) if known else f"{type(error).__name__}: {error}") from error
