"""The tables that scikit-learn brings."""

from typing import Any

import pyarrow as pa


def table_of(bunch: Any) -> tuple[pa.Table, pa.ChunkedArray]:
    """Return the features and the target of one of scikit-learn's bundled sets."""
    columns = {str(n): bunch.data[:, i] for i, n in enumerate(bunch.feature_names)}
    return pa.table(columns), pa.chunked_array([bunch.target])
