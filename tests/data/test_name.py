import numpy as np
import pyarrow as pa
import pytest

from priced.data.name import read_names, spell_like


@pytest.mark.parametrize(
    ("known", "new", "spelled"),
    [
        (["False", "True"], ["true", "FALSE"], ["True", "False"]),
        (["1.0", "2"], ["1", "2.0"], ["1.0", "2"]),
        (["€5", "10%"], ["$5", "10"], ["$5", "10"]),
        (["1,234"], ["1234"], ["1234"]),
        (["01", "1"], ["1.0", "001"], ["1", "001"]),
        (["1", "1.0"], ["1.00"], ["1.00"]),
        (["True", "true"], ["TRUE"], ["TRUE"]),
    ],
)
def test_another_spelling_is_the_same_name_only_if_one_is_meant(
    known: list[str], new: list[str], spelled: list[str]
) -> None:
    assert spell_like(known, new) == spelled


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([pa.array([1.0, float("nan"), 2.0])]),
        pa.chunked_array([pa.array([1.0, float("nan"), 2.0]).dictionary_encode()]),
        pa.chunked_array(
            [pa.array([np.float16(1), np.float16("nan"), np.float16(2)], pa.float16())]
        ),
        pa.chunked_array([pa.array([" 1", "", "2 "])]),
    ],
    ids=["double", "dictionary", "half", "text"],
)
def test_a_cell_without_a_value_is_no_name(column: pa.ChunkedArray) -> None:
    assert read_names(column).to_pylist() == ["1", None, "2"]
