import os
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from priced.callback.checkpoint_io import PREVIOUS, Storage, checksum_file, intact


@pytest.fixture
def storage() -> Storage:
    return Storage(nullcontext)


def test_what_was_saved_is_loaded(storage: Storage, tmp_path: Path) -> None:
    storage.save_checkpoint({"x": torch.arange(3), "n": 1}, tmp_path / "deep" / "a.ckpt")
    assert storage.load_checkpoint(tmp_path / "deep" / "a.ckpt")["x"].tolist() == [0, 1, 2]


def test_code_in_a_checkpoint_does_not_run(storage: Storage, tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "marker"),)

    torch.save({"state_dict": Hostile()}, tmp_path / "a.ckpt")
    with pytest.raises(Exception, match="weights_only"):
        storage.load_checkpoint(tmp_path / "a.ckpt")
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("offset", [0, 100, -1])
def test_a_flipped_bit_is_found_and_the_generation_before_is_taken(
    storage: Storage, tmp_path: Path, offset: int
) -> None:
    file = tmp_path / "a.ckpt"
    for n in (1, 2):
        storage.save_checkpoint({"n": n}, file)
    assert intact(file) == file
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(bytes(content))
    before = intact(file)
    assert before == tmp_path / f"a.ckpt{PREVIOUS}"
    assert storage.load_checkpoint(before)["n"] == 1


@pytest.mark.parametrize("renames", range(4))
def test_a_save_that_was_killed_leaves_a_loadable_generation_and_no_orphan(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    file = tmp_path / "a.ckpt"
    for _ in range(2):
        storage.save_checkpoint({"n": 1}, file)
    real, calls = os.replace, 0

    def killed(*args: object) -> None:
        nonlocal calls
        calls += 1
        if calls > renames:
            raise KeyboardInterrupt
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        storage.save_checkpoint({"n": 2}, file)
    monkeypatch.undo()
    kept = intact(file)
    assert kept is not None
    assert storage.load_checkpoint(kept)["n"] == 1
    storage.save_checkpoint({"n": 3}, file)
    assert not list(tmp_path.glob(".a.ckpt*"))
    storage.remove_checkpoint(file)
    assert not file.exists()
    assert not checksum_file(file).exists()
