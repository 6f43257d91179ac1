from dataclasses import asdict, replace

import pytest

from priced.check.conf_dir import conf_dir
from priced.price.pricelist import tariffs
from priced.price.quote import Quote, estimates
from priced.price.tariff import Tariff
from priced.record.entry import read_entry

QUOTE = Quote(
    seconds=1000, seconds_low=900, seconds_high=1100, scaled_seconds=900, joules=36_000,
    usd=1.0, usd_low=0.9, usd_high=1.1, tariff="local", stages=["fit", "test"], steps=100,
    step_seconds=9.0, flops=67e12, step_bytes=1e9, flops_per_second=67e11,
    bytes_per_second=3350e8, vcpus=2, accelerators=0, precision="32-true", peak_memory_bytes=10**9,
)  # fmt: skip


def _of(tariff: Tariff, quote: Quote = QUOTE) -> tuple[float, float, float]:
    [one] = estimates(quote, {"it": tariff})
    return one.seconds, one.seconds_low, one.seconds_high


H100 = Tariff("h", 3.6, "", "", accelerator="H100 SXM", accelerators=1)


def test_only_the_scaled_seconds_shrink_by_the_binding_ceiling() -> None:
    # Ten times the FLOP/s and ten times the bandwidth: both ceilings say the same.
    assert _of(H100) == pytest.approx((190, 171, 209))


def test_eight_accelerators_share_the_step_and_may_idle() -> None:
    seconds, low, high = _of(replace(H100, accelerators=8))
    assert low == pytest.approx((100 + 90 / 8) * 0.9)
    assert high == pytest.approx(190 * 1.1)
    assert seconds == pytest.approx(100 + 90 / 8**0.5), "the middle of what is known, by ratio"


def test_a_small_step_is_not_faster_than_its_operators_start() -> None:
    _, _, high = _of(H100, replace(QUOTE, operators=450_000))
    assert high == pytest.approx((100 + 900 / 2) * 1.1)


C = Tariff("c", 1, "", "", vcpus=96, vcpu_flops_per_second=67e11, vcpu_bytes_per_second=3350e8)
ONE = replace(QUOTE, threads=1, batch_seconds_by_threads=[[1, 9.0]])
FOUR = replace(
    QUOTE, threads=4, flops_per_second=4 * 67e11, bytes_per_second=4 * 3350e8,
    batch_seconds_by_threads=[[1, 18.0], [2, 12.0], [4, 9.0]],
)  # fmt: skip


def test_processors_share_no_better_than_threads_were_seen_to_do() -> None:
    assert _of(C, ONE)[0] == pytest.approx(1000), "one thread is none the faster among 96"
    assert _of(C, FOUR)[1] == pytest.approx(1000 * 0.9), "nor are four"
    assert _of(replace(C, vcpus=2), FOUR)[1] == pytest.approx((100 + 900 * 12 / 9) * 0.9)
    assert _of(replace(C, vcpus=96), FOUR)[2] == pytest.approx((100 + 900 * 2) * 1.1)


def test_a_processor_that_nothing_is_known_of_is_left_out() -> None:
    assert estimates(ONE, {"c": replace(C, vcpu_flops_per_second=None)}) == []
    assert estimates(QUOTE, {"c": C}) == [], "no thread was timed"


def test_a_run_on_an_accelerator_says_nothing_of_processors() -> None:
    assert estimates(replace(QUOTE, accelerators=1), {"c": Tariff("c", 1, "", "", vcpus=4)}) == []


def test_every_price_list_is_estimated_cheapest_first() -> None:
    lists = tariffs(conf_dir() / "tariff")
    cloud = {name: one for name, one in lists.items() if one.kind != "owned"}
    found = estimates(QUOTE, cloud)
    assert [one.usd for one in found] == sorted(one.usd for one in found)
    # At 32 bits nothing is known of a TPU, and of no processor; all others are there.
    known = {name for name, one in cloud.items() if one.accelerators and "tpu" not in name}
    assert {one.tariff.name for one in found} == known
    for one in found:
        assert one.seconds_low <= one.seconds <= one.seconds_high
        assert one.usd == pytest.approx(one.tariff.price(one.seconds))


def test_a_run_that_only_evaluates_is_scaled_by_the_ceiling_that_lifts_least() -> None:
    seconds, low, high = _of(H100, replace(QUOTE, flops=0.0, step_bytes=0.0))
    assert low <= seconds <= high
    assert seconds == pytest.approx(190)


def test_what_does_not_fit_is_said() -> None:
    [one] = estimates(replace(QUOTE, peak_memory_bytes=90 * 10**9), {"h": H100})
    assert one.fits is False


def test_a_quote_goes_through_the_ledger_unchanged() -> None:
    plain = {"run": "a", "life": 0, "folder": "x", "started_at": "2026-01-01"}
    assert read_entry(plain | {"quote": asdict(QUOTE) | {"of another": 1}}).quote == QUOTE


def test_runs_that_follow_each_other_in_one_process_start_it_once() -> None:
    one = replace(QUOTE, start_seconds=100.0, batches=7)
    three = one.times(3)
    assert (three.seconds, three.seconds_low, three.seconds_high) == (2800, 2500, 3100)
    assert three.usd == pytest.approx(2.8)
    assert three.joules == pytest.approx(2.8 * one.joules)
    assert (three.batches, three.steps, three.scaled_seconds) == (21, 300, 2700)
    assert three.times(2).seconds == 2 * 2800 - 100, "it is the same process"
    assert one.times(1) == one
    assert one.times(2).plus(one).seconds == three.seconds
    assert one.plus(one).usd == pytest.approx(one.times(2).usd)
    assert one.plus(one).batches == 14
