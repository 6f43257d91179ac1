"""Who works on a trial: processes of this machine, and of others."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from priced.sweep import lease
from priced.sweep.lease import (
    Holder,
    count_workers_here,
    is_alive,
    join_workers,
    lease_file,
    read_lease,
    write_lease,
)


def age(file: Path, seconds: float) -> None:
    written = file.stat().st_mtime - seconds
    os.utime(file, (written, written))


def test_a_lease_is_read_as_it_was_written(tmp_path: Path) -> None:
    own = Holder.own(life=2)
    write_lease(tmp_path, 3, own)
    assert read_lease(tmp_path, 3) == own
    assert own.is_here()
    assert is_alive(tmp_path, 3)
    assert read_lease(tmp_path, 4) is None
    assert not is_alive(tmp_path, 4)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": "x"}', '{"who": 1}'])
def test_a_damaged_lease_is_nobodys(tmp_path: Path, text: str) -> None:
    write_lease(tmp_path, 3, Holder.own(0))
    lease_file(tmp_path, 3).write_text(text)
    assert read_lease(tmp_path, 3) is None
    assert not is_alive(tmp_path, 3)


def test_a_process_that_ended_or_whose_number_another_one_has_is_dead(tmp_path: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    own = replace(Holder.own(0), pid=done.pid)
    done.wait()
    write_lease(tmp_path, 0, own)
    assert not is_alive(tmp_path, 0)
    write_lease(tmp_path, 1, replace(Holder.own(0), born=Holder.own(0).born - 3600))
    assert not is_alive(tmp_path, 1)


@pytest.mark.parametrize(("key", "value"), [("host", "elsewhere"), ("namespace", "pid:[1]")])
def test_of_another_machine_or_container_silence_counts(
    tmp_path: Path, key: str, value: str
) -> None:
    other = Holder(**asdict(Holder.own(0)) | {key: value, "pid": 1})
    write_lease(tmp_path, 0, other)
    assert is_alive(tmp_path, 0)
    age(lease_file(tmp_path, 0), lease.SILENT_SECONDS + 5)
    assert not is_alive(tmp_path, 0)


def test_the_living_workers_of_this_machine_are_counted(tmp_path: Path) -> None:
    assert count_workers_here(tmp_path) == 1, "whoever asks"
    file = join_workers(tmp_path)
    for name, change in (("other", {"host": "elsewhere"}), ("dead", {"born": 1.0})):
        holder = asdict(Holder.own(0)) | change
        (tmp_path / lease.LEASES / f"worker-{name}.json").write_text(json.dumps(holder))
    assert count_workers_here(tmp_path) == 1
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = lease.psutil.Process(other.pid).create_time()
    holder = asdict(replace(Holder.own(0), pid=other.pid, born=born))
    (tmp_path / lease.LEASES / "worker-two.json").write_text(json.dumps(holder))
    assert count_workers_here(tmp_path) == 2
    other.communicate(b"\n")
    file.unlink()
    assert count_workers_here(tmp_path) == 1
