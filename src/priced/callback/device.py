"""What computes."""

from functools import cache

import torch


@cache
def device_name(device: torch.device) -> str:
    """Return what a device calls itself."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return processor_name() if device.type == "cpu" else device.type


def processor_name() -> str:
    """Return what the host's processor calls itself."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = (
                line.partition(":")[2].strip() for line in lines if line.startswith("model name")
            )
            return next(named, "cpu")
    except OSError:
        return "cpu"


def synchronize(device: torch.device) -> None:
    """Wait until a device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
