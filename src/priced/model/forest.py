"""A random forest: the cheap thing to try first."""

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from torch import Tensor

from priced.model.learner import Learner, seed

_LEAF = -1


class Forest(Learner):
    """scikit-learn's random forest, whose trees torch then walks.

    Outputs are the logarithms of the mean probabilities of the trees, or their mean number.

    Args:
        in_shape: The shape of one example; it is flattened.
        out_features: K classes, or 1 for a number.
        n_estimators: How many trees there are.
        max_depth: How deep a tree may be; None: until its leaves are pure.
        min_samples_leaf: How many examples a leaf has at least.

    Raises:
        ValueError: If a size is not positive.

    Source: L. Breiman, "Random Forests", 2001, as scikit-learn implements it.
    """

    roots: Tensor
    left: Tensor
    right: Tensor
    feature: Tensor
    threshold: Tensor
    value: Tensor

    def __init__(
        self,
        in_shape: Sequence[int],
        out_features: int,
        n_estimators: int = 100,
        max_depth: int | None = None,
        min_samples_leaf: int = 1,
    ) -> None:
        super().__init__()
        if min(n_estimators, min_samples_leaf, out_features, *in_shape) < 1:
            raise ValueError(
                "n_estimators, min_samples_leaf, out_features and in_shape must be positive, got "
                f"{n_estimators}, {min_samples_leaf}, {out_features}, {list(in_shape)}"
            )
        self.in_features = prod(in_shape)
        self.out_features = out_features
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        for name in ("roots", "left", "right", "feature"):
            self.register_buffer(name, torch.zeros(0, dtype=torch.int64))
        self.register_buffer("threshold", torch.zeros(0, dtype=torch.float64))
        self.register_buffer("value", torch.zeros(0, out_features))

    def learn(self, x: Tensor, y: Tensor) -> None:
        """Grow the trees from inputs (N, ...) and targets (N,)."""
        kind = RandomForestRegressor if self.out_features == 1 else RandomForestClassifier
        made = kind(
            self.n_estimators,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            n_jobs=torch.get_num_threads(),
            random_state=seed(),
        )
        made.fit(x.flatten(1).float().cpu().numpy(), y.cpu().numpy())
        trees = [one.tree_ for one in made.estimators_]
        starts = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
        values = np.concatenate([tree.value[:, 0] for tree in trees])
        if self.out_features > 1:  # a class that no example has stays at nought
            known, values = values, np.zeros((len(values), self.out_features))
            values[:, made.classes_] = known / known.sum(axis=1, keepdims=True)
        moved = list(zip(trees, starts, strict=True))
        self.keep(
            roots=starts,
            left=np.concatenate([_move(tree.children_left, start) for tree, start in moved]),
            right=np.concatenate([_move(tree.children_right, start) for tree, start in moved]),
            feature=np.concatenate([tree.feature.clip(0) for tree in trees]),
            threshold=np.concatenate([tree.threshold for tree in trees]),
            value=values,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs (B, ...) to logits (B, K), or numbers (B, 1)."""
        x = x.flatten(1)
        if x.shape[1] != self.in_features:
            raise ValueError(f"got {x.shape[1]} features instead of {self.in_features}")
        if not len(self.roots):
            return x.new_zeros(len(x), self.out_features)
        node = self.roots.expand(len(x), -1)
        while True:
            inner = self.left[node] != _LEAF
            if not inner.any():
                break
            goes_left = x.gather(1, self.feature[node]) <= self.threshold[node]
            node = torch.where(
                inner, torch.where(goes_left, self.left[node], self.right[node]), node
            )
        mean = self.value[node].mean(dim=1)
        return mean if self.out_features == 1 else mean.clamp_min(torch.finfo(mean.dtype).eps).log()


def _move(children: np.ndarray, start: int) -> np.ndarray:
    """Number a tree's nodes behind those of the trees before it."""
    return np.where(children == _LEAF, _LEAF, children + start)
