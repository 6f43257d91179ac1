"""What makes sure that all ranks train the same thing; on wherever there are several."""

from lightning.pytorch import Callback, LightningModule, Trainer

from priced.callback.monitor import gather_objects


class SameConfig(Callback):
    """Compare a digest of the config across the ranks before the first step.

    Args:
        digest: This rank's.
    """

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Compare.

        Raises:
            ValueError: On every rank, if any has another config.
        """
        if trainer.world_size == 1:
            return
        found = gather_objects(self.digest)
        other = [rank for rank, digest in enumerate(found) if digest != found[0]]
        if other:
            raise ValueError(
                f"all ranks must have one config: rank {other[0]} has {found[other[0]]}, "
                f"rank 0 has {found[0]}"
            )
