"""Hydra's launchers, which start a sweep's workers here, in processes or on a cluster."""

import logging
from collections.abc import Sequence
from typing import Any

from hydra._internal.callbacks import Callbacks  # no public name, and every launcher asks for it
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.types import HydraContext

from priced.check.conf_dir import conf_dir
from priced.check.target import whitelist
from priced.compose import Request
from priced.compose.kept import NAME
from priced.compose.option import Options
from priced.sweep.plan import Plan

log = logging.getLogger(__name__)

_GROUP = "hydra/launcher"
_BASIC = "basic"


class Launcher:
    """Starts workers, as many as the sweep asks for.

    Args:
        plan: The sweep, begun.
        request: What the command line says of the launcher.
    """

    def __init__(self, plan: Plan, request: Request) -> None:
        asked = plan.options.compose(plan.primary, (*plan.fixed_words, *request.hydra))
        choice = str(asked.hydra.runtime.choices[_GROUP])
        own = [word for word in request.hydra if not word.startswith(f"{_GROUP}=")]
        self.jobs = plan.settings.n_jobs
        if choice == _BASIC and self.jobs > 1:
            log.warning(
                "hydra/launcher=basic has one worker: hydra/launcher=joblib runs %d side by side",
                self.jobs,
            )
            self.jobs = 1
        elif "n_jobs" in asked.hydra.launcher:
            if any("launcher.n_jobs=" in word for word in own):
                self.jobs = max(self.jobs, int(asked.hydra.launcher.n_jobs))
            else:
                own.append(f"hydra.launcher.n_jobs={self.jobs}")
        # Composed from our own files and the words of Hydra's part alone: a launcher runs commands
        # (submitit's setup), which no option, experiment or kept sweep may bring.
        self.config, loader = Options(conf_dir()).compose_with_loader(
            NAME, [f"{_GROUP}={choice}", *own, f"hydra.sweep.dir='{plan.folder}'"]
        )
        self.context = HydraContext(loader, Callbacks(), whitelist())

    def launch(self, worker: Any) -> Sequence[JobReturn]:
        """Run a worker in each job; return what became of them once all have ended."""
        launcher = Plugins.instance().instantiate_launcher(
            hydra_context=self.context, task_function=worker, config=self.config
        )
        jobs: list[list[str]] = [[] for _ in range(self.jobs)]
        return launcher.launch(jobs, 0)
