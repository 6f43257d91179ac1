from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from priced.data.date import read_dates


def days(cells: list[object], asked: bool = False) -> list[float] | None:
    found = read_dates("day", pa.chunked_array([cells]), asked, range(2, len(cells) + 2))
    return None if found is None else [round(one, 4) for one in found.tolist()]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1970-01-02", "2020-01-01"], [1, 18262]),
        (["1970-01-01T12:00:00", "1970-01-01 06:00"], [0.5, 0.25]),
        (["1970-01-02T02:00:00+02:00", "1970-01-01T12:00:00Z"], [1, 0.5]),
        (["02.01.1970"], [1]),
        (["13/01/1970", "02/01/1970"], [12, 1]),
        (["01/13/1970", "01/02/1970"], [12, 1]),
        ([date(1970, 1, 3)], [2]),
        ([datetime(1970, 1, 1, 18)], [0.75]),
        (["01/02/1970"], None),
        (["spring", "2020-01-01"], None),
        (["2020-13-45"], None),
        ([1, 2], None),
    ],
)
def test_dates_are_days(cells: list[object], expected: list[float] | None) -> None:
    assert days(cells) == expected


def test_a_missing_date_is_no_number() -> None:
    found = read_dates("day", pa.chunked_array([["1970-01-02", ""]]), False, [1, 2])
    np.testing.assert_array_equal(found, [1, np.nan])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["spring"], "must hold dates"),
        (["01/02/1970"], "which is the month"),
        ([1], "hold dates"),
        (["2024-01-05", "05 Jan 2024"], "row 3 holds '05 Jan 2024'"),
        (["2024-02-28", "", "2024-02-30"], "row 4 holds '2024-02-30'"),
        (["05.01.2024", "05.01.24"], "row 3 holds '05.01.24'"),
        (["05.01.2024", "2024-01-05"], "row 3 holds '2024-01-05'"),
        (["2024/01/05", "spring"], "row 3 holds 'spring'"),
        (["05.01.2024", "30.02.2024"], "row 3 holds '30.02.2024'"),
    ],
)
def test_what_is_asked_to_be_a_date_must_be_one(cells: list[object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        days(cells, asked=True)
