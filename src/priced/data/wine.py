"""Wines and where they grew."""

import pyarrow as pa
from sklearn.datasets import load_wine

from priced.data.bundled import table_of
from priced.data.table import Table
from priced.data.tabular import Tabular


class Wine(Tabular):
    """178 wines, 13 chemical measures each, of three growers.

    Batches are `(x, y)`: x (B, 13) float32, y (B,) int64 in 0..2.

    Source: S. Aeberhard and M. Forina, "Wine", UCI Machine Learning Repository, 1992, as bundled
    with scikit-learn.
    """

    def open(self) -> tuple[Table, pa.ChunkedArray]:
        """Take the bundled copy."""
        self.source = "scikit-learn's wine"
        return table_of(load_wine())
