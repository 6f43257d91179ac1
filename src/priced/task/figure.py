"""Drawings of how well a model did."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torchmetrics.functional.classification import (
    binary_precision_recall_curve,
    binary_roc,
    multiclass_confusion_matrix,
)

MOST_CLASSES = 20
"""Curves and cell counts beyond which a drawing could not be read."""
MOST_POINTS = 500


def confusion_figure(probabilities: Tensor, targets: Tensor, names: list[str]) -> Figure:
    """Draw how often each class (a row) was taken for each other (a column).

    Args:
        probabilities: (N, K).
        targets: (N,).
        names: K names.
    """
    counts = multiclass_confusion_matrix(probabilities, targets, len(names), validate_args=False)
    figure, axes = _axes("Confusion matrix", "predicted", "true")
    shares = counts / counts.sum(dim=1, keepdim=True).clamp_min(1)
    axes.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1)
    if len(names) <= MOST_CLASSES:
        axes.set_xticks(
            range(len(names)), names, rotation=45 if len(max(names, key=len)) > 3 else 0
        )
        axes.set_yticks(range(len(names)), names)
        for row, column in counts.nonzero().tolist():
            shade = "white" if shares[row, column] > 0.5 else "black"
            number = str(int(counts[row, column]))
            axes.text(column, row, number, ha="center", va="center", color=shade, fontsize=8)
    return figure


def curve_figures(probabilities: Tensor, targets: Tensor, names: list[str]) -> dict[str, Figure]:
    """Draw ROC and precision-recall curves, one-vs-rest, for the classes that have examples.

    Args:
        probabilities: (N, K).
        targets: (N,).
        names: K names; of two classes the second is drawn, of very many the first ones.
    """
    roc, roc_axes = _axes("ROC curves", "false positive rate", "true positive rate")
    recall, recall_axes = _axes("Precision-recall curves", "recall", "precision")
    roc_axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    for k in ([1] if len(names) == 2 else range(len(names)))[:MOST_CLASSES]:
        truth = (targets == k).long()
        if not 0 < truth.sum() < len(truth):
            continue
        false_positive, true_positive, _ = binary_roc(probabilities[:, k], truth)
        precision, sensitivity, _ = binary_precision_recall_curve(probabilities[:, k], truth)
        _line(roc_axes, false_positive, true_positive, names[k])
        _line(recall_axes, sensitivity, precision, names[k])
    for axes in (roc_axes, recall_axes):
        if len(axes.lines) > 1 or (axes is recall_axes and axes.lines):
            axes.legend(fontsize=8, loc="lower left" if axes is recall_axes else "lower right")
    return {"roc_curves": roc, "precision_recall_curves": recall}


def scatter_figure(predicted: Tensor, targets: Tensor) -> Figure:
    """Draw predictions (N,) against targets (N,), and the line where they agree."""
    figure, axes = _axes("Predicted against true", "true", "predicted")
    shown = torch.linspace(0, len(targets) - 1, min(len(targets), 10 * MOST_POINTS)).long()
    axes.scatter(targets[shown].numpy(), predicted[shown].numpy(), s=8, alpha=0.6)
    ends = [float(targets.min()), float(targets.max())]
    axes.plot(ends, ends, color="grey", linewidth=0.8, linestyle=":")
    return figure


def _axes(title: str, xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6, 5.4))
    axes = figure.subplots()
    figure.subplots_adjust(left=0.16, right=0.96, bottom=0.16, top=0.92)  # layouts cost more
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return figure, axes


def _line(axes: Axes, x: Tensor, y: Tensor, name: str) -> None:
    """Draw a curve with no more points than a screen shows."""
    shown = torch.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).long()
    axes.plot(x[shown].numpy(), y[shown].numpy(), label=name, linewidth=1.2)
