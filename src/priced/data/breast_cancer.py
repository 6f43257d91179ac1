"""Tumours, benign or not."""

import pyarrow as pa
from sklearn.datasets import load_breast_cancer

from priced.data.bundled import table_of
from priced.data.table import Table
from priced.data.tabular import Tabular


class BreastCancer(Tabular):
    """569 tumours, 30 measures of their cells' nuclei each: malignant (0) or benign (1).

    Batches are `(x, y)`: x (B, 30) float32, y (B,) int64 in 0..1.

    Source: W. Wolberg, O. Mangasarian, N. Street and W. Street, "Breast Cancer Wisconsin
    (Diagnostic)", UCI Machine Learning Repository, 1995, as bundled with scikit-learn.
    """

    def open(self) -> tuple[Table, pa.ChunkedArray]:
        """Take the bundled copy."""
        self.source = "scikit-learn's breast_cancer"
        return table_of(load_breast_cancer())
