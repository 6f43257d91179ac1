"""Rows that a program hands over."""

import datetime
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from priced.data.rows import read_rows

DAY = datetime.date(2026, 11, 28)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([{"a": 1.5, "b": "x"}, {"c": True}], {"a": [1.5, None], "b": ["x", None], "c": [None, 1]}),
        ([{"a": "x"}, {"a": float("nan")}], {"a": ["x", None]}),
        ([{"a": 1}, {"a": "n/a"}], {"a": ["1", "n/a"]}),
        ([{"a": True}, {"a": "no"}], {"a": ["True", "no"]}),
        ([{"a": DAY}, {"a": "2026-11-29"}], {"a": ["2026-11-28", "2026-11-29"]}),
        ([{"a": np.float32(1)}, {"a": np.int64(2)}], {"a": [1.0, 2.0]}),
        ([{"a": None}], {"a": [None]}),
        (pa.table({"a": pa.array(["x"], pa.large_string())}), {"a": ["x"]}),
        (pa.RecordBatch.from_pylist([{"a": 1}]), {"a": [1]}),
    ],
)
def test_rows_become_columns(rows: Any, columns: dict[str, list[Any]]) -> None:
    table = read_rows(rows)
    assert table.columns.to_pydict() == columns
    assert list(table.lines) == list(range(1, table.columns.num_rows + 1))


def test_a_data_frame_of_mixed_cells_is_read() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, "x", None], 0: [1.0, np.nan, 2.0]})
    assert read_rows(frame).columns.to_pydict() == {"a": ["1", "x", None], "0": [1.0, None, 2.0]}


def test_a_number_among_texts_is_spelled_as_the_run_reads_numbers() -> None:
    table = read_rows([{"x": 1.234}, {"x": "2,5"}], ",")
    assert table.columns.to_pydict() == {"x": ["1,234", "2,5"]}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"a": 1}, "got dict: put the one row into a list"),
        ("good", "a list of dictionaries, a row each, got str"),
        (["good"], "got 'good' for row 1"),
        (np.zeros((2, 2)), "got ndarray"),
        ([], "must be one or more, got none"),
        ([{}], "must be one or more, got none"),
        ([{"a": 1}, {"a": [1]}], "column a, row 2: a cell must hold one value, got list"),
        ([{"a": [1]}], "column a: a cell must hold one value, got list<item: int64>"),
        ([{"a": object()}], "column a, row 1: a cell must hold one value, got object"),
    ],
)
def test_what_is_no_rows_is_refused(rows: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_rows(rows)
