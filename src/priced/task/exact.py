"""Numbers of double precision, wherever they come from."""

from torch import Tensor


def exact(values: Tensor) -> Tensor:
    """Return float64 of the same shape, on the processor if the device (Apple's GPU) has none."""
    return (values.cpu() if values.device.type == "mps" else values).double()
