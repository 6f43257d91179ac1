"""What draws the values of trials."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import optuna

from priced.sweep.storage import experiments_unsaid


def make_sampler(node: Mapping[str, Any], seed: int, number: int) -> optuna.samplers.BaseSampler:
    """Return a sampler seeded by the run's seed and the trial's number alone.

    What is drawn does not depend on which worker draws it.

    Args:
        node: Says which sampler.
        seed: The run's.
        number: The trial's, from 0.
    """
    from priced.build import make  # brings torch

    drawn = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    with experiments_unsaid():
        sampler: optuna.samplers.BaseSampler = make({**node, "seed": drawn}, "sweep.sampler")
    return sampler
