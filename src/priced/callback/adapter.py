"""What a checkpoint keeps of a network with adapters: the rest is that of another run."""

import hashlib
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from torch import nn


class Adapters(Callback):
    """Keeps what is trained alone in checkpoints, and loads it onto what stands there.

    Args:
        model: Has adapters.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._base = ""

    def setup(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        """Let a checkpoint leave out what another run has trained."""
        pl_module.strict_loading = False

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: Any, checkpoint: dict[str, Any]
    ) -> None:
        """Leave out what is not trained."""
        self._base = self._base or digest_base(self.model)  # it does not change
        keep_adapters(self.model, checkpoint, self._base)


def has_adapters(model: nn.Module) -> bool:
    """Say whether low-rank adapters stand on a network, see `priced.build.lora`."""
    return any("lora_" in name for name, _ in model.named_parameters())


def keep_adapters(model: nn.Module, checkpoint: dict[str, Any], base: str) -> None:
    """Leave what is not trained out of a checkpoint; keep the digest of it as `base`."""
    checkpoint["base"] = base
    # By where they lie: a tied tensor has two names.
    frozen = {one.data_ptr() for one in model.parameters() if not one.requires_grad}
    kept = checkpoint["state_dict"].items()
    checkpoint["state_dict"] = {k: v for k, v in kept if v.data_ptr() not in frozen}


def digest_base(model: nn.Module) -> str:
    """Return a digest of what adapters stand on: the parameters that are not trained."""
    digest = hashlib.sha256()
    for name, one in model.named_parameters():
        if not one.requires_grad:
            digest.update(name.encode())
            digest.update(one.detach().cpu().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
