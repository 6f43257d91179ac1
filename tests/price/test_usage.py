import subprocess
import sys
import time

import pytest

from priced.price.process import cpu_seconds, peak_memory_bytes
from priced.price.usage import Stopwatch, Usage, total


def test_phases_close_on_the_all_in_clock_without_gap_or_overlap() -> None:
    watch = Stopwatch("start_up")
    for phase in ("train", "validation", "train", "test"):
        time.sleep(0.01)
        assert watch.enter(phase) != ""
    phases, seconds = watch.seconds_by_phase(), watch.seconds
    assert sum(phases.values()) == pytest.approx(seconds, abs=0.001)
    assert phases["train"] >= 0.018
    assert set(phases) == {"start_up", "train", "validation", "test"}


def test_reading_does_not_disturb_what_runs() -> None:
    watch = Stopwatch("start_up")
    before = watch.seconds_by_phase()["start_up"]
    time.sleep(0.01)
    assert watch.seconds_by_phase()["start_up"] >= before + 0.009
    assert watch.phase == "start_up"


TWICE = """
import time
from priced.price.process import Process

first, _ = Process.start()
assert time.perf_counter() - first > 0.01, "the process's own start is paid for"
Process.charge()
second, cpu = Process.start()
assert second > first
assert time.perf_counter() - second < time.perf_counter() - first
assert cpu > 0
"""


def test_two_runs_of_one_process_pay_for_it_once() -> None:
    subprocess.run([sys.executable, "-c", TWICE], check=True)  # one that nobody has charged yet


def test_the_process_is_measured() -> None:
    before = cpu_seconds()
    sum(i * i for i in range(300_000))
    assert cpu_seconds() > before
    assert peak_memory_bytes() > 10_000_000


def test_lives_add_up_and_peaks_do_not() -> None:
    one = Usage(seconds=2, seconds_by_phase={"test": 1, "fit": 1}, peak_memory_bytes=7, devices=2)
    two = Usage(seconds=3, seconds_by_phase={"fit": 3}, peak_memory_bytes=5, joules=4, mfu=0.5)
    whole = total([one, two])
    assert (whole.seconds, whole.joules, whole.peak_memory_bytes, whole.devices) == (5, 4, 7, 2)
    assert whole.seconds_by_phase == {"test": 1, "fit": 4}
    assert whole.mfu == 0.5


def test_a_process_knows_its_age_to_a_tenth_of_a_second() -> None:
    code = "from priced.price.process import age_seconds; import time; print(age_seconds())"
    began = time.perf_counter()
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    beside = time.perf_counter() - began
    assert 0 < float(said.stdout) <= beside + 0.02


def test_what_a_child_uses_is_counted_while_it_lives_and_after() -> None:
    work = "sum(i * i for i in range(6_000_000)); print(flush=True); input()"
    before, memory = cpu_seconds(), peak_memory_bytes()
    child = subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    alive = cpu_seconds() - before
    assert alive > 0.1
    assert peak_memory_bytes() > memory + 1_000_000
    child.communicate(b"\n")
    assert cpu_seconds() - before >= alive - 0.05
