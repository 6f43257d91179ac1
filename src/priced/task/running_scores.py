"""Scores of classes as running sums: what is kept does not grow with the examples."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchmetrics import MeanMetric, Metric, MetricCollection
from torchmetrics.classification import (
    MulticlassAUROC,
    MulticlassAveragePrecision,
    MulticlassConfusionMatrix,
)

from priced.task.ranking import list_ranked


class Calibration(Metric):
    """The expected calibration error, of sums over bins of equal width.

    Args:
        bins: How many.

    Source: C. Guo et al., "On Calibration of Modern Neural Networks", 2017, equation 3.
    """

    sums: Tensor

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.bins = bins
        # Of each bin: its examples, their confidence, and how many are right.
        self.add_state("sums", torch.zeros(bins, 3), dist_reduce_fx="sum")

    def update(self, probabilities: Tensor, targets: Tensor) -> None:
        """Take probabilities (B, K) and classes (B,)."""
        confidence, named = probabilities.max(dim=1)
        at = (confidence * self.bins).long().clamp(max=self.bins - 1)
        right = (named == targets).to(confidence)
        each = torch.stack([torch.ones_like(confidence), confidence, right], dim=1)
        self.sums.index_add_(0, at, each.to(self.sums))

    def compute(self) -> Tensor:
        """Return the error (), in [0, 1]."""
        examples, confidence, right = self.sums.unbind(1)
        return (confidence - right).abs().sum() / examples.sum()


class RunningScores(nn.Module):
    """Every quantity of `Classification`; ROC-AUC and average precision at some thresholds.

    Args:
        counts: The scores that are counts of right and wrong.
        num_classes: K.
        label_smoothing: As in the loss.
        thresholds: How many, evenly over [0, 1]; the more, the closer to the exact areas.
        bins: Of the calibration error.
    """

    def __init__(
        self,
        counts: MetricCollection,
        num_classes: int,
        label_smoothing: float,
        thresholds: int,
        bins: int,
    ) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        k: Any = {"num_classes": num_classes, "validate_args": False}
        areas: Any = {"average": None, "thresholds": thresholds, **k}
        self.counts = counts
        self.confusion = MulticlassConfusionMatrix(**k)
        self.calibration = Calibration(bins)
        self.roc_auc = MulticlassAUROC(**areas)
        self.average_precision = MulticlassAveragePrecision(**areas)
        self.loss, self.log_loss = MeanMetric(), MeanMetric()

    def update(self, logits: Tensor, targets: Tensor) -> None:
        """Take logits (B, K) and classes (B,)."""
        probabilities = logits.softmax(dim=1)
        ranked = (self.confusion, self.calibration, self.roc_auc, self.average_precision)
        for metric in (self.counts, *ranked):
            metric.update(probabilities, targets)
        smooth = F.cross_entropy(logits, targets, label_smoothing=self.label_smoothing)
        self.loss.update(smooth, weight=len(logits))
        self.log_loss.update(F.cross_entropy(logits, targets), weight=len(logits))

    def take(self) -> dict[str, Tensor]:
        """Return every quantity by name, and start anew; every rank must call it."""
        ranked = list_ranked(self.confusion.compute().sum(1).tolist())
        found: dict[str, Tensor] = {
            **self.counts.compute(),
            "loss": self.loss.compute(),
            "log_loss": self.log_loss.compute(),
            "calibration_error": self.calibration.compute(),
            "roc_auc": self.roc_auc.compute()[ranked].mean(),
            "average_precision": self.average_precision.compute()[ranked].mean(),
        }
        for metric in self.children():
            metric.reset()  # type: ignore[operator]
        return found
