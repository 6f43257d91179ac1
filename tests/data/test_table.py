import bz2
import gzip
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from priced.data.dialect import Dialect
from priced.data.table import read_table
from tests.conftest import ROOT, Configure
from tests.data.battery import built

CASES = ROOT.parent / "shared" / "data" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason=f"no small bad files in {CASES}")

PLAIN = "a,b,t\n1.5,x,p\n2.5,y,q\n"


def read(path: Path, content: bytes | str, **known: object) -> list[dict[str, object]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    rows: list[dict[str, object]] = read_table(path, Dialect(**known)).columns.to_pylist()  # type: ignore[arg-type]
    return rows


ROWS = [{"a": "1.5", "b": "x", "t": "p"}, {"a": "2.5", "b": "y", "t": "q"}]


@pytest.mark.parametrize(
    ("name", "content", "known"),
    [
        ("t.csv", PLAIN, {}),
        ("t.tsv", PLAIN.replace(",", "\t"), {}),
        ("t.csv", PLAIN.replace(",", ";"), {}),
        ("t.txt", PLAIN.replace(",", "|"), {}),
        ("t.csv", PLAIN.replace(",", "~"), {"separator": "~"}),
        ("t.csv", PLAIN.replace("\n", "\r\n"), {}),
        ("t.csv", "\ufeff" + PLAIN, {}),
        ("t.csv", PLAIN.encode("utf-16"), {}),
        ("t.csv", "# one\n# two\n" + PLAIN, {}),
        ("t.csv", PLAIN.replace("\n", ",\n"), {}),
        ("t.csv.gz", gzip.compress(PLAIN.encode(), mtime=0), {}),
        ("t.csv.bz2", bz2.compress(PLAIN.encode()), {}),
        ("t.csv.xz", lzma.compress(PLAIN.encode()), {}),
        ("t.csv", '"a","b","t"\n"1.5","x","p"\n"2.5","y","q"\n', {}),
    ],
)
def test_a_table_is_the_same_however_it_is_written(
    tmp_path: Path, name: str, content: bytes | str, known: dict[str, object]
) -> None:
    assert read(tmp_path / name, content, **known) == ROWS


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.jsonl"])
def test_typed_files_keep_their_types(tmp_path: Path, name: str) -> None:
    table = pa.table({"a": [1.5, 2.5], "n": [7, 8]})
    if name == "t.parquet":
        pq.write_table(table, tmp_path / name)
    elif name == "t.feather":
        pyarrow.feather.write_feather(table, str(tmp_path / name))
    else:
        (tmp_path / name).write_text('{"a": 1.5, "n": 7}\n{"a": 2.5, "n": 8}\n')
    assert read_table(tmp_path / name).columns.to_pylist() == table.to_pylist()


@pytest.mark.parametrize(
    ("first", "names"),
    [
        ("5.1,3.5,setosa", ["0", "1", "2"]),
        ("0,1,2", ["0", "1", "2"]),
        ("2010,2015,2020", ["2010", "2015", "2020"]),
        ("a,a,a", ["a", "a (2)", "a (3)"]),
        (",b,", ["column 1", "b", "column 3"]),
    ],
)
def test_columns_have_names_of_their_own(tmp_path: Path, first: str, names: list[str]) -> None:
    rows = [first, "4.9,3.0,virginica", "4.7,3.2,setosa"]
    if first[0] in "02":
        rows = [first, "4.9,3.0,1.1", "4.7,3.2,2.2"]
    assert list(read(tmp_path / "t.csv", "\n".join(rows))[0]) == names


def test_rows_are_counted_as_the_file_counts_them(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('# note\na,t\n"x\ny",1\n\nz,2\n')
    assert list(read_table(tmp_path / "t.csv").lines) == [3, 6]


def test_rows_of_json_are_counted_as_the_file_counts_them(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('\n{"a": 1}\n\n\n{"a": 2}\n')
    assert list(read_table(tmp_path / "t.jsonl").lines) == [2, 5]


def test_line_breaks_in_quotes_may_be_anywhere_in_a_large_file(tmp_path: Path) -> None:
    rows = ['"one\ntwo",1'] * 200_000
    (tmp_path / "t.csv").write_text("\n".join(["a,t", *rows]))
    table = read_table(tmp_path / "t.csv")
    assert table.columns.num_rows == 200_000
    assert table.lines[-1] == 2 + 2 * 199_999


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b"a,t\n\xf6,1\n", r"byte 4 \(0xf6\), in line 2, is not; .*data.encoding=latin-1"),
        ("t.csv", "a,t\n1,2\n1,2,3\n", "row 3 must have 2 cells like the first, got 3"),
        ("t.csv", "", "must hold a header and rows"),
        ("t.csv", "a,t\n1,\0\n", "a zero byte in line 2"),
        ("t.xlsx", "PK", "save the sheet as CSV"),
        ("t.parquet", "no", "must be a readable .parquet file"),
        ("t.csv.gz", "no", "must be a readable file"),
        ("t.jsonl", '{"a": 1', "must be a readable .jsonl file"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: bytes | str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read(tmp_path / name, content)
    assert name in str(refused.value)


READ_RIGHT = {  # width of the features, how many classes (1: a number)
    "big_offset_target.csv": ("task=regression", 3, 1),
    "offset_target_3e5.csv": ("task=regression", 3, 1),
    "int_target_large.csv": ("task=regression", 3, 1),
    "id_column.csv": ("data.drop=[customer]", 1, 2),
    "dates.csv": ("", 2, 2),
    "blank_missing.csv": ("data.missing=mean", 3, 2),
    "qmark_missing.csv": ("data.missing=mean", 3, 2),
    "thousands.csv": ("", 3, 2),
    "const_col.csv": ("", 4, 2),
    "no_header.csv": ("", 2, 3),
    "semicolon_decimal_comma.csv": ("", 3, 2),
    "tabs.tsv": ("", 3, 2),
    "gz.csv.gz": ("", 3, 2),
    "comment_top.csv": ("", 3, 2),
    "latin1_header.csv": ("data.encoding=latin-1", 3, 2),
    "latin1_value.csv": ("data.encoding=latin-1", 3, 2),
    "spaces_after_comma.csv": ("data.target=t", 3, 2),
    "trailing_comma.csv": ("", 3, 2),
    "dup_header.csv": ("data.target=t", 3, 2),
    "big_newline.csv": ("", 2, 2),
    "allnan_col.csv": ("data.drop=[c]", 3, 2),
    "float_labels.csv": ("", 3, 2),
    "label_1row.csv": ("", 3, 3),
    "na_country.csv": ("data.missing=median", 3, 2),
    "numeric_header.csv": ("data.target=3", 3, 2),
    "name with (unit).csv": ("data.target=größe", 2, 2),
}


@needs_cases
@pytest.mark.parametrize("name", READ_RIGHT)
def test_every_case_is_read_right(configure: Configure, name: str) -> None:
    word, width, outputs = READ_RIGHT[name]
    data = built(configure, "data=csv", f"data.path={CASES}/{name}", *filter(None, [word]))
    assert (data.shape, data.num_outputs) == ([width], outputs)
    assert data.state()["read_as"]


@needs_cases
@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("id_column.csv", (), r"column customer would be 216 features.*data.drop=\[customer\]"),
        ("blank_missing.csv", (), "column a must not have missing values, row 9 has none"),
        ("latin1_header.csv", (), "in line 1, is not"),
        ("one_class.csv", (), "two classes or more, got p in every row"),
        ("allnan_col.csv", (), r"column c must hold a value or more.*data.drop=\[c\]"),
        ("label_1row.csv", ("cv.folds=3", "cv.fold=0"), "got 1 of class .*leave that class out"),
        ("dates.csv", ("data.target=tt",), "must be one of day, a, t, got tt"),
        ("dates.csv", ("data.drop=[da]",), "data.drop must name columns.*did you mean day"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_way_out(
    configure: Configure, name: str, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        built(configure, "data=csv", f"data.path={CASES}/{name}", *words)
    assert name in str(refused.value)


def test_a_constant_is_no_spread(configure: Configure, tmp_path: Path) -> None:
    rows = [f"{0.1},{k % 2}" for k in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["c,t", *rows]))
    [column] = built(configure, "data=csv", "data.path=t.csv").state()["columns"]
    assert column["std"] == 1.0


def test_labels_that_differ_by_a_zero_are_two_classes(configure: Configure, tmp_path: Path) -> None:
    rows = [f"{k},{'01' if k % 2 else '1'}" for k in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["x,t", *rows]))
    data = built(configure, "data=csv", "data.path=t.csv")
    assert data.class_names == ["01", "1"]
