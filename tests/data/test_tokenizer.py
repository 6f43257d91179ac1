import json
from pathlib import Path

import pytest
import tokenizers
import tokenizers.decoders
import tokenizers.models

from priced.data.tokenizer import (
    Bytes,
    Characters,
    Pieces,
    Tokenizer,
    find_kept,
    tokenizer_of,
)

TEXT = "naïve café, 東京 🙂\n\tdef f(x): return x  # the end\n" * 3
LEARNT = Pieces.learn([TEXT, "the other text " * 20], 300)
ALL: list[Tokenizer] = [Bytes(), Characters("".join(sorted(set(TEXT)))), LEARNT]


@pytest.mark.parametrize("tokenizer", ALL, ids=["bytes", "characters", "pieces"])
def test_text_comes_back_and_every_byte_is_counted(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode(TEXT)
    assert tokenizer.decode(tokens.tolist()) == TEXT
    assert 0 <= tokens.min() <= tokens.max() < tokenizer.size
    assert tokenizer.widths()[tokens].sum() == len(TEXT.encode())


@pytest.mark.parametrize("tokenizer", ALL, ids=["bytes", "characters", "pieces"])
def test_a_tokenizer_is_kept_as_plain_data(tokenizer: Tokenizer) -> None:
    again = tokenizer_of(json.loads(json.dumps(tokenizer.state())))
    assert again.encode(TEXT).tolist() == tokenizer.encode(TEXT).tolist()


def test_pieces_are_fewer_than_bytes() -> None:
    assert len(LEARNT.encode("the other text")) < len("the other text")


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(ValueError, match="known characters, got 'z'"):
        Characters("abc").encode("abz")


def test_a_tokenizer_is_found_in_a_file_a_folder_and_a_run(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(LEARNT.state()["json"])
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.yaml").write_text("")
    (run / "data.json").write_text(json.dumps({"tokenizer": LEARNT.state()}))
    for place in (tmp_path, tmp_path / "tokenizer.json", run):
        assert find_kept(str(place)).encode(TEXT).tolist() == LEARNT.encode(TEXT).tolist()
    (run / "data.json").write_text("{}")
    with pytest.raises(ValueError, match="was not trained on text"):
        find_kept(str(run))


def test_a_blank_that_is_spelled_otherwise_is_counted_too() -> None:
    words = {"\u2581the": 0, "\u2581end": 1, "<0x0A>": 2, "s": 3}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=words, merges=[]))
    made.decoder = tokenizers.decoders.Sequence(
        [tokenizers.decoders.ByteFallback(), tokenizers.decoders.Metaspace()]
    )
    assert Pieces(made.to_str()).widths().tolist() == [4, 4, 1, 1]
