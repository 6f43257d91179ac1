from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import tokenizers
import tokenizers.models
import tokenizers.pre_tokenizers
import tokenizers.processors

from priced.run.run import run
from tests.conftest import Configure
from tests.data.battery import TextBattery, built
from tests.data.texts import WORDS

WORDS_TYPED = (
    *("model=bert", "task=classification", "data=text_csv", "data.path=reviews.csv"),
    *("data.context=24", "data.target=stars", "data.batch_size=8"),
    *("model.width=32", "model.depth=1", "model.heads=2", "optimizer.lr=0.01", "max_epochs=5"),
)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    texts, stars = [], []
    for n in range(240):
        mood = ("poor", "fine", "great")[n % 3]
        texts.append(f'{WORDS[n % 19]}, "{mood}",\n{n}')
        stars.append(("one", "three", "five")[n % 3])
    table = pa.table({"text": texts, "stars": stars})
    pyarrow.csv.write_csv(table, tmp_path / "reviews.csv")
    pq.write_table(table, tmp_path / "reviews.parquet")
    pyarrow.csv.write_csv(table.drop_columns(["stars"]), tmp_path / "new.csv")


class TestTextCSV(TextBattery):
    overrides = WORDS_TYPED


class TestTextParquet(TextBattery):
    overrides = (*WORDS_TYPED, "data.path=reviews.parquet")


def test_it_is_learnt_and_new_rows_are_named(configure: Configure) -> None:
    entry = run(configure(*WORDS_TYPED, "logger=none", "figures=false"))
    assert entry.scores["test/accuracy"] is not None
    assert entry.scores["test/accuracy"] > 0.8
    new = configure(
        *WORDS_TYPED,
        "data.path=new.csv",
        f"run={entry.folder}",
        "stages=[predict]",
        "logger=none",
        "figures=false",
    )
    run(new)
    said = pq.read_table(Path(entry.folder) / "predictions.parquet").to_pydict()
    assert "target" not in said
    assert len(said["prediction"]) == 240
    right = [("one", "three", "five")[n % 3] == said["prediction"][n] for n in range(240)]
    assert sum(right) > 200


def test_a_row_without_a_text_keeps_its_place(configure: Configure, tmp_path: Path) -> None:
    entry = run(configure(*WORDS_TYPED, "logger=none", "figures=false", "max_epochs=1"))
    texts = pa.table({"text": ["fine", "", "great"]})
    pyarrow.csv.write_csv(texts, tmp_path / "new.csv")
    words = (
        "data.path=new.csv",
        f"run={entry.folder}",
        "stages=[predict]",
        "logger=none",
        "figures=false",
    )
    run(configure(*WORDS_TYPED, *words))
    assert pq.read_table(Path(entry.folder) / "predictions.parquet").num_rows == 3


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("data.path=nowhere.csv", "must be a readable file"),
        ("data.path=null", "data.path or data.hub"),
        ("data.text=words", "data.text must be one of text, stars, got words"),
        ("data.target=moon", "data.target must be one of text, stars, got moon"),
    ],
)
def test_what_cannot_be_read_is_refused(configure: Configure, word: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        built(configure, *WORDS_TYPED, word)


def test_what_a_model_wants_around_a_text_is_there(configure: Configure, tmp_path: Path) -> None:
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[CLS]": 0, "[SEP]": 1, "?": 2}, "?"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.add_special_tokens(["[CLS]", "[SEP]"])
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)]
    )
    made.save(str(tmp_path / "tokenizer.json"))
    data = built(configure, *WORDS_TYPED, "data.tokenizer=tokenizer.json", "data.context=12")
    x, _ = next(iter(data.train_dataloader()))
    assert (x[:, 0] == 0).all()
    ends = (x != 3).sum(1) - 1
    assert (x.gather(1, ends[:, None]) == 1).all()
    assert ((x == 0).sum(1) == 1).all()
    assert ((x == 1).sum(1) == 1).all()
    with pytest.raises(ValueError, match="beside 2 tokens of the model's own, got 2"):
        built(configure, *WORDS_TYPED, "data.tokenizer=tokenizer.json", "data.context=2")


def test_a_row_without_a_target_is_refused(configure: Configure, tmp_path: Path) -> None:
    table = pa.table({"text": ["a", "b", "c"], "stars": ["one", None, "two"]})
    pq.write_table(table, tmp_path / "reviews.parquet")
    with pytest.raises(ValueError, match="row 2 has none"):
        built(configure, *WORDS_TYPED, "data.path=reviews.parquet")
