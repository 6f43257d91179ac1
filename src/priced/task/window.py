"""What a batch weighs among those whose gradients are added up."""

import numpy as np
from numpy.typing import NDArray


def share_of_window(sizes: NDArray[np.int64], window: int, batch_idx: int, size: int) -> float:
    """Return what a batch's mean loss is multiplied by before Lightning divides by the window.

    Lightning takes each window of accumulated batches for a full one of equal batches; the last one
    of an epoch is not. So weighted, a window's gradient is the mean over its examples.

    Args:
        sizes: Examples of each batch of an epoch, of one rank.
        window: How many batches are added up.
        batch_idx: Which batch it is, from 0.
        size: How many examples it has.

    Example:
        >>> sizes = np.array([4, 4, 2])  # the second window has one batch, and is divided by two
        >>> [share_of_window(sizes, 2, i, int(size)) for i, size in enumerate(sizes)]
        [1.0, 1.0, 2.0]
    """
    first = batch_idx - batch_idx % window
    return window * size / float(sizes[first : first + window].sum())
