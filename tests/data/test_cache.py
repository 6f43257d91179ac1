import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from priced.data.cache import cache_file

MAKE = """
import sys, time
import numpy as np
from pathlib import Path
from priced.data.cache import cache_file

def make():
    print("made", flush=True)
    time.sleep(0.5)
    return np.arange(1000)

assert cache_file(Path(sys.argv[1]), "key", make).sum() == 499500
"""


def test_of_several_processes_one_makes_it_and_all_read_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0] * 4
    assert "".join(said).count("made") == 1


def test_who_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> np.ndarray:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache_file(tmp_path, "key", fail)
    assert cache_file(tmp_path, "key", lambda: np.ones(3)).tolist() == [1, 1, 1]


def test_what_is_written_to_stays_in_memory(tmp_path: Path) -> None:
    cache_file(tmp_path, "key", lambda: np.zeros(3))[:] = 5
    assert cache_file(tmp_path, "key", lambda: np.ones(3)).tolist() == [0, 0, 0]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"data\.cache must be a folder to write in"):
        cache_file(tmp_path / "file", "key", lambda: np.ones(3))


def test_what_is_not_as_it_was_made_is_made_anew(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> np.ndarray:
        made.append(1)
        return np.arange(3)

    cache_file(tmp_path, "key", make)
    cache_file(tmp_path, "key", make)
    assert len(made) == 1
    np.save(tmp_path / "key.npy", np.arange(3) + 7)
    assert cache_file(tmp_path, "key", make).tolist() == [0, 1, 2]
    (tmp_path / "key.sha256").unlink()
    assert cache_file(tmp_path, "key", make).tolist() == [0, 1, 2]
    assert len(made) == 3


def test_no_pickle_in_a_cache_is_ever_loaded(tmp_path: Path) -> None:
    def make() -> np.ndarray:
        return np.array([{"an": "object"}], dtype=object)

    with pytest.raises(ValueError, match=r"Python objects|allow_pickle"):
        cache_file(tmp_path, "key", make)
