"""Cutting a set in parts."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split


def split(
    targets: NDArray[np.generic], rows: list[int], fraction: float, seed: int
) -> tuple[list[int], list[int]]:
    """Cut a part off some rows, with the same share of each class in both where that can be.

    Args:
        targets: (N,), classes as integers or numbers as floats (which are not stratified).
        rows: Those of the N that there are to share out.
        fraction: How much of them to cut off, in (0, 1).
        seed: Fixes who goes where.

    Returns:
        The sorted rows that stay, and those that were cut off.

    Raises:
        ValueError: If either part would be empty.
    """
    cut = max(1, round(len(rows) * fraction))
    if cut >= len(rows):
        raise ValueError(f"cannot cut {fraction:.0%} off {len(rows)} examples: a part is empty")
    stays, goes = train_test_split(
        np.array(rows), test_size=cut, random_state=seed, stratify=_classes(targets[rows], cut)
    )
    return sorted(stays.tolist()), sorted(goes.tolist())


def _classes(targets: NDArray[np.generic], cut: int) -> NDArray[np.generic] | None:
    """Return the classes if each is large enough to stand in both parts."""
    if targets.dtype.kind == "f":
        return None
    names, counts = np.unique(targets, return_counts=True)
    enough = counts.min() > 1 and len(names) <= min(cut, len(targets) - cut)
    return targets if enough else None
