"""The sweeper that Hydra finds: `hydra/sweeper: priced`.

Hydra loads this module whenever it starts: nothing heavy may stand above.
"""

from typing import Any

from hydra.plugins.sweeper import Sweeper as HydraSweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

_ITSELF = ("hydra", "schema")


class Sweeper(HydraSweeper):
    """Asks the launcher for workers, who share a study, and waits until nothing is left.

    Args:
        params: Further words, by key: an experiment that is a sweep by itself brings them.
    """

    def __init__(self, params: DictConfig | None = None) -> None:
        self.params = params

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Take what the sweep is made of."""
        self.hydra_context = hydra_context
        self.config = config
        self.task_function = task_function

    def sweep(self, arguments: list[str]) -> Any:
        """Sweep; return what came of it, a `priced.sweep.drive.Ended`.

        Hydra keeps that to itself: a task function that has a `task` is told.
        """
        from priced.sweep.drive import drive
        from priced.sweep.start import begin, plan_sweep

        assert self.hydra_context is not None
        assert self.config is not None
        own = {} if self.params is None else self.params
        words = [*(f"{key}={value}" for key, value in own.items()), *arguments]
        sources = self.hydra_context.config_loader.get_search_path().get_path()
        path = [(str(one.provider), str(one.path)) for one in sources]
        searched = [*path, *(("own", one) for one in self.config.hydra.searchpath or ())]
        plan = plan_sweep(self.config, searched, words)
        task = getattr(self.task_function, "task", None)
        if list(plan.base.stages) == ["quote"] and task is not None:
            return task.quote_sweep(plan.base, plan.total() or 1)
        ended = drive(begin(plan), self.hydra_context, self.config)
        if task is not None:
            task.ended = ended
        return ended
