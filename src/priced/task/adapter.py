"""What a checkpoint keeps of a network with adapters: the rest is that of another run."""

import hashlib
from typing import Any

import torch
from torch import nn


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
