import numpy as np
import pyarrow as pa
import pytest

from priced.data.number import Decimal, find_decimal, read_numbers

NAN = float("nan")


@pytest.mark.parametrize(
    ("cells", "decimal", "expected"),
    [
        (["1", "-2.5", "+3e4", ".5", "5."], ".", [1, -2.5, 3e4, 0.5, 5]),
        (["1", " ", "?", "NA", "nan", "-", "N/A"], ".", [1, *[NAN] * 6]),
        (["1,234", "5", "1,234,567.5", "12,345"], ".", [1234, 5, 1234567.5, 12345]),
        (["1.234", "5,5", "1.234.567,5"], ",", [1234, 5.5, 1234567.5]),
        (["1 234", "1\u00a0234,5"], ",", [1234, 1234.5]),
        (["1'234.5"], ".", [1234.5]),
        (["12%", "3.5 %"], ".", [12, 3.5]),
        (["$1,234.50", "€ 2"], ".", [1234.5, 2]),
        ([" 7 ", "inf"], ".", [7, np.inf]),
        (["-1699999994.798"], ".", [-1699999994.798]),
        (["007", "1"], ".", None),
        (["01"], ".", None),
        (["1,23"], ".", None),
        (["1.5", "2,5"], ",", None),
        (["0x10"], ".", None),
        (["1_000"], ".", None),
        (["a", "1"], ".", None),
    ],
)
def test_what_is_spelled_as_a_number_is_one(
    cells: list[str], decimal: Decimal, expected: list[float] | None
) -> None:
    found = read_numbers(pa.chunked_array([cells]), decimal)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        np.testing.assert_array_equal(found, expected)


def test_large_whole_numbers_keep_all_their_digits() -> None:
    assert read_numbers(pa.chunked_array([[2**53 - 1, -3]])).tolist() == [2**53 - 1, -3]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("columns", "european", "decimal"),
    [
        ([["1,5", "2"], ["a", "b"]], True, ","),
        ([["1.5", "2"], ["3", "4"]], True, "."),
        ([["1,234", "95,200"]], False, "."),
        ([["1,234", "95,200"]], True, ","),
        ([["1.5"], ["1,234"]], True, "."),
    ],
)
def test_the_decimal_sign_is_the_one_that_makes_more_columns_numbers(
    columns: list[list[str]], european: bool, decimal: str
) -> None:
    assert find_decimal([pa.chunked_array([one]) for one in columns], european) == decimal
