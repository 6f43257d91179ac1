"""How well probabilities rank examples: areas under curves, macro over classes."""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor
from torchmetrics.functional.classification import binary_auroc, binary_average_precision


def score_ranking(probabilities: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return ROC-AUC () and average precision (), exact, of those classes that have them.

    Args:
        probabilities: (N, K).
        targets: (N,).
    """
    classes = list_ranked(targets.bincount(minlength=probabilities.shape[1]).tolist())
    rest = [(probabilities[:, k], (targets == k).long()) for k in classes]
    areas = [binary_auroc(p, t, validate_args=False) for p, t in rest]
    precisions = [binary_average_precision(p, t, validate_args=False) for p, t in rest]
    if not classes:
        undefined = torch.full((), torch.nan, device=targets.device)
        return undefined, undefined
    return torch.stack(areas).mean(), torch.stack(precisions).mean()


def list_ranked(counts: Sequence[int]) -> list[int]:
    """Return the classes that have both examples and others; of two, the second where it has.

    Args:
        counts: How many examples each class has.
    """
    if absent := [k for k, count in enumerate(counts) if count == 0]:
        warnings.warn(
            f"no example of class {', '.join(map(str, absent))} to score: ROC-AUC and average "
            "precision are means over the other classes",
            stacklevel=2,
        )
    asked = [1] if len(counts) == 2 else range(len(counts))
    return [k for k in asked if 0 < counts[k] < sum(counts)]
