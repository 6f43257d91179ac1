"""From a config to live objects."""

import torch
from lightning.pytorch import seed_everything

from priced.build.compatibility import check_components, check_optimizer
from priced.build.components import Components
from priced.build.data import build_data
from priced.build.make import make
from priced.build.model import make_model
from priced.build.start import Start
from priced.build.trainer import build_ladder, build_price, build_trainer, list_first, list_last
from priced.callback.meter import Meter
from priced.callback.observe import RunObserver
from priced.callback.stop import Stop
from priced.callback.watchdog import Watchdog, limit_waiting
from priced.price.tariff import Tariff
from priced.task.base import Task


def build(start: Start, meter: Meter, observer: RunObserver | None = None) -> Components:
    """Build the components of one run; nothing is written to disk.

    The data is read first, and what the config leaves open about it (how many columns a file has)
    is filled in. Then the seed is set: building a network draws its weights. What measures, prices
    and stops a run and what stores its checkpoints are no options: every run has them.

    Args:
        start: Where the run begins.
        meter: Measures the run since its process started.
        observer: Who started the run, and may end it.

    Raises:
        ValueError: If the data is not what the config says, the model cannot take it, or the
            trainer cannot be had on this machine.
    """
    if start.config.threads is not None:
        torch.set_num_threads(start.config.threads)
    data, config = build_data(start)
    seed_everything(config.seed, workers=True, verbose=False)
    model = make_model(config, starts=start.weights is None)
    optimizer = make(config.optimizer, "optimizer")
    check_optimizer(optimizer, model)
    schedule = make(config.schedule, "schedule")
    task: Task = make(config.task, "task", model=model, optimizer=optimizer, schedule=schedule)
    task.data = data
    if config.trainer.get("precision", config.precision) == "64-true":
        task.double()  # Lightning would only once a checkpoint has gone through 32 bits
    stop = Stop()
    tariff: Tariff = make(config.tariff, "tariff")
    price = build_price(config, start, meter, tariff)
    ladder = build_ladder(config, price)
    watchdog = Watchdog(str(start.folder))
    first = [meter, price, ladder, *list_first(config, start, price, stop, observer), watchdog]
    trainer = build_trainer(config, task, first, list_last(config, task, meter, price, stop), meter)
    built = Components(config, data, task, trainer, meter, stop, tariff, price, ladder, watchdog)
    check_components(config, data, task, trainer, tariff)
    limit_waiting(trainer)
    return built
