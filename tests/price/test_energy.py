import time

import pytest

from priced.price.energy import Drawn, Energy, machine_energy


def test_energy_goes_on_at_the_power_of_the_last_measurement() -> None:
    energy = Energy(time.perf_counter())
    assert energy.measure_drawn() == Drawn()
    energy.note(0.0, Drawn(0.0, 0.0), watts=100.0, estimated_watts=40.0)
    time.sleep(0.1)
    drawn = energy.measure_drawn()
    assert drawn.joules == pytest.approx(10, rel=0.5)
    assert drawn.estimated == pytest.approx(0.4 * drawn.joules)


def test_what_was_drawn_before_the_first_measurement_is_charged_too() -> None:
    energy = Energy(time.perf_counter() - 10)
    energy.note(0.0, Drawn(0.0, 0.0), watts=100.0, estimated_watts=100.0)
    assert energy.measure_drawn().joules == pytest.approx(1000, rel=0.1)


def test_a_first_measurement_that_comes_late_is_no_burst() -> None:
    energy = Energy(time.perf_counter() - 4)
    energy.note(2.0, Drawn(40.0, 40.0), watts=20.0, estimated_watts=20.0)
    assert energy.measure_drawn().joules == pytest.approx(80, rel=0.1)


def test_energy_never_falls() -> None:
    energy = Energy(time.perf_counter() - 1)
    energy.note(0.0, Drawn(0.0, 0.0), watts=1000.0, estimated_watts=0.0)
    high = energy.measure_drawn().joules
    energy.note(0.01, Drawn(0.1, 0.0), watts=1.0, estimated_watts=0.0)
    assert energy.measure_drawn().joules >= high


def test_this_machine_draws_power() -> None:
    energy = machine_energy(time.perf_counter())
    end = time.monotonic() + 30
    while not energy.measure_drawn().joules:
        assert time.monotonic() < end, "nothing was measured"
        time.sleep(0.1)
    before = energy.measure_drawn().joules
    time.sleep(0.3)
    watts = (energy.measure_drawn().joules - before) / 0.3
    assert 0.1 < watts < 20_000
