"""The tables that scikit-learn brings."""

from typing import Any

import pyarrow as pa

from priced.data.table import Table


def table_of(bunch: Any) -> tuple[Table, pa.ChunkedArray]:
    """Return the features and the target of one of scikit-learn's bundled sets."""
    columns = {str(n): bunch.data[:, i] for i, n in enumerate(bunch.feature_names)}
    rows = range(1, len(bunch.target) + 1)
    return Table(pa.table(columns), rows), pa.chunked_array([bunch.target])
