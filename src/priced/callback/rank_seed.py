"""What gives each rank randomness of its own."""

import numpy as np
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything


class RankSeed(Callback):
    """Seed every rank but the first anew before it trains.

    All ranks build the network from one seed, so that they begin with the same weights; if they
    went on with it, each would drop out the same units.

    Args:
        seed: The run's.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Seed this rank; a checkpoint's random states come after, with the other callbacks."""
        if trainer.global_rank:
            place = np.random.SeedSequence((self.seed, trainer.global_rank))
            seed_everything(int(place.generate_state(1)[0]), workers=False, verbose=False)
