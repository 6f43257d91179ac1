"""A linear model: the cheapest thing to try first."""

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from torch import Tensor

from priced.model.learner import Learner


class Logistic(Learner):
    """scikit-learn's logistic regression, or its ridge regression where a number is predicted.

    Args:
        in_shape: The shape of one example; it is flattened.
        out_features: K classes, or 1 for a number.
        C: The inverse of the weight of the squared weights in what is minimised.
        max_iter: How many steps the solver may take.

    Raises:
        ValueError: If a size or C is not positive.

    Source: A. Hoerl and R. Kennard, "Ridge Regression", 1970; D. Cox, "The Regression Analysis of
    Binary Sequences", 1958; as scikit-learn implements them.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self,
        in_shape: Sequence[int],
        out_features: int,
        C: float = 1.0,  # noqa: N803 - scikit-learn's name
        max_iter: int = 1000,
    ) -> None:
        super().__init__()
        if min(C, max_iter, out_features, *in_shape) <= 0:
            raise ValueError(
                f"C, max_iter, out_features and in_shape must be positive, got {C}, {max_iter}, "
                f"{out_features}, {list(in_shape)}"
            )
        self.C = C
        self.max_iter = max_iter
        self.register_buffer("weight", torch.zeros(out_features, prod(in_shape)))
        self.register_buffer("bias", torch.zeros(out_features))

    def learn(self, x: Tensor, y: Tensor) -> None:
        """Fit the weights to inputs (N, ...) and targets (N,)."""
        inputs, targets = x.flatten(1).double().cpu().numpy(), y.cpu().numpy()
        weight, bias = np.zeros(tuple(self.weight.shape)), np.zeros(len(self.bias))
        if len(bias) == 1:
            made = Ridge(alpha=1 / self.C).fit(inputs, targets)
            weight[0], bias[0] = made.coef_, made.intercept_
        else:
            made = LogisticRegression(C=self.C, max_iter=self.max_iter).fit(inputs, targets)
            classes = made.classes_
            bias[:] = np.finfo(np.float32).min / 2  # a class that no example has
            if len(classes) == 2:
                weight[classes[1]], bias[classes] = made.coef_[0], [0, made.intercept_[0]]
            else:
                weight[classes], bias[classes] = made.coef_, made.intercept_
        self.keep(weight=weight, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs (B, ...) to logits (B, K), or numbers (B, 1)."""
        return x.flatten(1).to(self.weight.dtype) @ self.weight.T + self.bias
