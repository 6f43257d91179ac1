import time

import pytest

from priced.price.usage import Stopwatch, cpu_seconds, peak_memory_bytes


def test_phases_close_on_the_all_in_clock_without_gap_or_overlap() -> None:
    watch = Stopwatch("start_up")
    began = time.perf_counter()
    before = dict(watch.seconds_by_phase)
    for phase in ("train", "validation", "train", "test"):
        time.sleep(0.01)
        assert watch.enter(phase) != ""
    seconds, _ = watch.read()
    assert sum(watch.seconds_by_phase.values()) == pytest.approx(seconds)
    assert seconds >= time.perf_counter() - began - 0.005
    assert not before
    assert watch.seconds_by_phase["train"] >= 0.018


def test_two_runs_of_one_process_pay_for_it_once() -> None:
    first = Stopwatch("start_up")
    time.sleep(0.02)
    first_seconds, first_cpu = first.read()
    second_seconds, _ = Stopwatch("start_up").read()
    assert second_seconds < 0.02
    assert first_seconds >= 0.02
    assert first_cpu >= 0


def test_the_process_is_measured() -> None:
    before = cpu_seconds()
    sum(i * i for i in range(300_000))
    assert cpu_seconds() > before
    assert peak_memory_bytes() > 10_000_000
