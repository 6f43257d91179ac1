"""What goes on around the stages of a run: signals, ranks, signs of life, dashboards."""

from collections.abc import Iterator
from contextlib import contextmanager

from priced.build import Components, Start
from priced.run.dashboard import finish_loggers, log_scores, log_settings
from priced.run.heartbeat import beating
from priced.run.life import Life, find_status
from priced.run.ranks import other_ranks


@contextmanager
def work(components: Components, life: Life, start: Start) -> Iterator[None]:
    """Let the other ranks in, listen for signals and give signs of life while stages run inside.

    Args:
        components: The run's.
        life: Told of silence, and asked for scores.
        start: Where the run begins.
    """
    config, trainer = components.config, components.trainer
    components.watchdog.on_silence = life.fail
    error: BaseException | None = None
    try:
        log_settings(config, trainer)
        with beating(life.beat), other_ranks(config, trainer, start):
            yield
        log_scores(config, trainer, life.scores)
    except BaseException as raised:
        error = raised
        raise
    finally:
        finish_loggers(trainer, find_status(error))
