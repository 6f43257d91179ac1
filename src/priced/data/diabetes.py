"""How a disease went on."""

import pyarrow as pa
from sklearn.datasets import load_diabetes

from priced.data.bundled import table_of
from priced.data.table import Table
from priced.data.tabular import Tabular


class Diabetes(Tabular):
    """442 patients, 10 measures each, and a score of how their diabetes went on after a year.

    Batches are `(x, y)`: x (B, 10) float32, y (B,) float32, standardised.

    Source: B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least Angle Regression", Annals of
    Statistics 32(2), 2004, as bundled with scikit-learn.
    """

    def open(self) -> tuple[Table, pa.ChunkedArray]:
        """Take the bundled copy."""
        self.source = "scikit-learn's diabetes"
        return table_of(load_diabetes())
