from pathlib import Path

import numpy as np
import pytest
import torch

from priced.data.running import Windows
from priced.data.tokenizer import Bytes
from tests.conftest import Configure
from tests.data.battery import TextBattery, built
from tests.data.texts import write_texts

SMALL = ("data=text", "data.path=notes", "data.context=16", "data.batch_size=8")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_texts(tmp_path / "notes", 12)


class TestText(TextBattery):
    overrides = SMALL


class TestTextInPieces(TextBattery):
    overrides = (*SMALL, "data.tokenizer=bpe", "data.vocab_size=300")


def test_targets_are_the_tokens_that_follow(configure: Configure) -> None:
    x, y = next(iter(built(configure, *SMALL).train_dataloader()))
    assert torch.equal(x[:, 1:], y[:, :-1])


def test_no_file_is_in_two_parts(configure: Configure, tmp_path: Path) -> None:
    for file in (tmp_path / "notes").iterdir():
        file.write_text(chr(65 + int(file.stem)) * 200)
    data = built(configure, *SMALL)
    parts = [set(np.unique(p.tokens)) for p in (data.train, data.val, data.test)]  # type: ignore[attr-defined]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 12


def test_a_single_file_is_cut_and_its_end_is_validated_on(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "one.txt").write_text("a" * 800 + "b" * 100 + "c" * 100)
    data = built(configure, *SMALL, "data.path=one.txt")
    found = [set(bytes(p.tokens.tolist()).decode()) for p in (data.train, data.val, data.test)]  # type: ignore[attr-defined]
    assert found == [{"a"}, {"c"}, {"b"}]


def test_another_split_of_one_text_is_another_split(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("a" * 1000)
    words = (*SMALL, "data.path=one.txt")
    built(configure, *words)
    data = built(configure, *words, "data.val_fraction=0.4")
    assert len(data.val.tokens) == 400  # type: ignore[attr-defined]


def test_another_seed_finds_the_text_tokenised(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(configure, *SMALL)
    monkeypatch.setattr(Bytes, "encode", None)
    assert len(built(configure, *SMALL, "seed=5").train)


def test_every_epoch_starts_elsewhere_and_reads_each_token_once_at_most() -> None:
    windows = Windows(np.arange(100), 10, whole=False)
    x, y = windows[torch.arange(len(windows)) * 10 + 9]
    assert x.flatten().tolist() == list(range(9, 99))
    assert int(y.max()) == 99


def test_what_is_validated_on_is_all_of_it_but_the_first_token() -> None:
    windows = Windows(np.arange(95), 10, whole=True)
    _, y = windows[torch.arange(len(windows)) * 10]
    assert y[y != Windows.IGNORED].tolist() == list(range(1, 95))


def test_a_text_that_is_too_short_is_refused(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("short" * 4)
    with pytest.raises(ValueError, match="must hold 32 tokens or more"):
        built(configure, *SMALL, "data.path=one.txt")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("data.path=nowhere", "must be a file or a folder"),
        ("data.pattern=*.md", "must hold files like"),
        ("data.context=0", "context must be 1 or more"),
        ("data.test_fraction=0.95", "test_fraction must be above 0"),
        ("data.tokenizer=nobody/nothing", "data.tokenizer must be bytes, characters, bpe"),
    ],
)
def test_what_cannot_be_read_is_refused(configure: Configure, word: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        built(configure, *SMALL, word)


def test_a_fold_is_of_files(configure: Configure) -> None:
    folds = [built(configure, *SMALL, "cv.folds=3", f"cv.fold={fold}") for fold in range(3)]
    lengths = [len(data.val.tokens) for data in folds]  # type: ignore[attr-defined]
    train = [len(data.train.tokens) for data in folds]  # type: ignore[attr-defined]
    assert len({a + b for a, b in zip(lengths, train, strict=True)}) == 1
    assert sum(lengths) == lengths[0] + train[0]


@pytest.mark.parametrize("files", [3, 4, 6])
def test_a_few_files_are_each_in_one_part_alone(
    configure: Configure, tmp_path: Path, files: int
) -> None:
    write_texts(tmp_path / "few", files)
    data = built(configure, "model=gpt", "data=text", "data.path=few", "data.context=8")
    parts = [len(data.train), len(data.val), len(data.test)]
    assert min(parts) > 0
