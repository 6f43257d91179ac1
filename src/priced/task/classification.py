"""Picking one class of several."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torchmetrics import MetricCollection
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassF1Score,
    MulticlassPrecision,
    MulticlassRecall,
)
from torchmetrics.functional.classification import multiclass_calibration_error

from priced.data.part import Batch
from priced.task.base import Task
from priced.task.figure import confusion_figure, curve_figures
from priced.task.ranking import score_ranking
from priced.task.running_scores import RunningScores
from priced.task.scoring import Metrics

AUXILIARY_WEIGHT = 0.4
"""Of Inception v3's auxiliary head, in the authors' released code."""
CALIBRATION_BINS = 15


class Classification(Task):
    """Teach a network to name the class of each example, by cross-entropy.

    Logs `loss` and `log_loss` in nats per example, the rest in [0, 1]. Macro means weigh classes
    alike, weighted ones by their examples. ROC-AUC is macro one-vs-rest over the classes that
    have both examples and others; of two classes the second is the positive one.

    Args:
        model: Maps inputs (B, ...) to logits (B, K).
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.
        num_classes: K, at least two.
        label_smoothing: How much of each target is spread over all classes, in [0, 1).
        thresholds: How many ROC-AUC and average precision go by, two or more: the outputs of a
            stage are then not kept, for sets that are larger than memory, and no figures are
            drawn. None: both are exact.

    Raises:
        ValueError: If K is below two, or another number out of range.
    """

    METRICS: ClassVar[Metrics] = {
        "loss": ("min", "nats", "loss"),
        "accuracy": ("max", "", "accuracy"),
        "precision_macro": ("max", "", "precision (macro)"),
        "precision_weighted": ("max", "", "precision (weighted)"),
        "recall_macro": ("max", "", "recall (macro)"),
        "recall_weighted": ("max", "", "recall (weighted)"),
        "f1_macro": ("max", "", "F1 (macro)"),
        "f1_weighted": ("max", "", "F1 (weighted)"),
        "roc_auc": ("max", "", "ROC-AUC"),
        "average_precision": ("max", "", "average precision"),
        "log_loss": ("min", "nats", "log loss"),
        "calibration_error": ("min", "", "calibration error"),
    }

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
        num_classes: int,
        label_smoothing: float = 0.0,
        thresholds: int | None = None,
    ) -> None:
        super().__init__(model, optimizer, schedule)
        if num_classes < 2:
            raise ValueError(
                f"task.num_classes must be two or more, got {num_classes}; "
                "for a number to predict take task=regression"
            )
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"task.label_smoothing must be in [0, 1), got {label_smoothing}")
        if thresholds is not None and thresholds < 2:
            raise ValueError(f"task.thresholds must be 2 or more, got {thresholds}")
        self.num_classes = num_classes
        self.label_smoothing = label_smoothing
        self.metrics = self.configure_metrics()
        self.running_scores = None
        if thresholds is not None:
            self.running_scores = RunningScores(
                self.metrics, num_classes, label_smoothing, thresholds, CALIBRATION_BINS
            )

    def configure_metrics(self) -> MetricCollection:
        """Return the scores that are counts of right and wrong."""
        k: Any = {"num_classes": self.num_classes, "validate_args": False}
        return MetricCollection(
            {
                "accuracy": MulticlassAccuracy(average="micro", **k),
                "precision_macro": MulticlassPrecision(average="macro", **k),
                "precision_weighted": MulticlassPrecision(average="weighted", **k),
                "recall_macro": MulticlassRecall(average="macro", **k),
                "recall_weighted": MulticlassRecall(average="weighted", **k),
                "f1_macro": MulticlassF1Score(average="macro", **k),
                "f1_weighted": MulticlassF1Score(average="weighted", **k),
            }
        )

    def take_outputs(self, batch: Batch) -> None:
        """Keep the logits of a batch, or what the running scores need of them."""
        if self.running_scores is None:
            super().take_outputs(batch)
        else:
            self.running_scores.update(*self.collect(batch))

    def score_stage(self) -> dict[str, Tensor]:
        """Return every quantity of the stage that ends; every rank must call it."""
        if self.running_scores is None:
            return super().score_stage()
        found = self.running_scores.take()
        return {name: found[name] for name in self.METRICS}

    def loss(self, outputs: Tensor | tuple[Tensor, Tensor], targets: Tensor) -> Tensor:
        """Return the mean cross-entropy () of logits (B, K), in nats.

        Args:
            outputs: Logits; of a network with an auxiliary head, a pair of them while it trains.
            targets: Classes (B,), or each one's share (B, K).
        """
        if isinstance(outputs, tuple):
            main, auxiliary = outputs
            return self.loss(main, targets) + AUXILIARY_WEIGHT * self.loss(auxiliary, targets)
        return F.cross_entropy(outputs, targets, label_smoothing=self.label_smoothing)

    def scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity but the loss, of logits (N, K) and classes (N,)."""
        probabilities = outputs.softmax(dim=1)
        found = self.metrics.to(outputs.device)(probabilities, targets)
        self.metrics.reset()
        found["roc_auc"], found["average_precision"] = score_ranking(probabilities, targets)
        found["log_loss"] = F.cross_entropy(outputs, targets)
        found["calibration_error"] = multiclass_calibration_error(
            probabilities, targets, self.num_classes, n_bins=CALIBRATION_BINS, validate_args=False
        )
        return {name: found[name] for name in list(self.METRICS)[1:]}

    def figures(self, outputs: Tensor, targets: Tensor) -> dict[str, Figure]:
        """Return the confusion matrix, the ROC curves and the precision-recall curves."""
        names = getattr(getattr(self.trainer, "datamodule", None), "class_names", [])
        names = list(names) or [str(k) for k in range(self.num_classes)]
        probabilities = outputs.softmax(dim=1).cpu()
        return {
            "confusion_matrix": confusion_figure(probabilities, targets.cpu(), names),
            **curve_figures(probabilities, targets.cpu(), names),
        }

    def predictions(self, outputs: Tensor) -> dict[str, Tensor]:
        """Return the class and the probability of each class."""
        probabilities = outputs.softmax(dim=1)
        columns = {f"probability_{k}": probabilities[:, k] for k in range(self.num_classes)}
        return {"prediction": probabilities.argmax(dim=1), **columns}
