"""Which share of the examples a run of a cross-validation holds back to validate on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold


@dataclass(frozen=True)
class Fold:
    """One fold of a cross-validation.

    Attributes:
        number: Which one, in 0..folds-1.
        folds: How many there are.
        repeat: Which shuffle of the examples is cut up.
    """

    number: int
    folds: int
    repeat: int = 0


def cut_fold(
    targets: NDArray[np.generic], rows: list[int], fold: Fold, seed: int
) -> tuple[list[int], list[int]]:
    """Part some rows into those of all other folds and those of this one.

    The folds of a repeat are disjoint and make up all rows; each has the same share of every class.

    Args:
        targets: (N,), classes as integers or numbers as floats (which are not stratified).
        rows: Those of the N that there are to share out.
        fold: Which one.
        seed: Fixes, with the repeat, who goes where.

    Returns:
        The sorted rows to learn from, and those to validate on.

    Raises:
        ValueError: If there are too few examples, or too few of a class, for so many folds.
    """
    own = targets[rows]
    kind = KFold if own.dtype.kind == "f" else StratifiedKFold
    if len(rows) < fold.folds:
        raise ValueError(f"cv.folds must be {len(rows)} or fewer, as there are examples")
    if kind is StratifiedKFold:
        classes, counts = np.unique(own, return_counts=True)
        if counts.min() < fold.folds:
            raise ValueError(
                f"cv.folds={fold.folds} needs so many examples of each class, got {counts.min()} "
                f"of class {classes[counts.argmin()]}: leave that class out, or take fewer folds"
            )
    state = np.random.RandomState(np.random.MT19937(np.random.SeedSequence([seed, fold.repeat])))
    cuts = list(kind(fold.folds, shuffle=True, random_state=state).split(own, own))
    learn, held = cuts[fold.number]
    chosen = np.array(rows)
    return sorted(chosen[learn].tolist()), sorted(chosen[held].tolist())
