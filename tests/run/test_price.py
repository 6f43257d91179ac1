"""The ladder, the budget and the quote of real runs."""

import json
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from priced.callback.stop import Stopped
from priced.check import Refused
from priced.price.energy import machine_energy
from priced.price.ladder import Crossing, read_curve
from priced.record.entries import read_entries
from priced.record.entry import plain_entry
from priced.record.ledger import entries
from priced.run.heartbeat import beating
from priced.run.run import run
from tests.conftest import QUICK, Configure

LONGER = (*(word for word in QUICK if not word.startswith("max_epochs")), "optimizer.lr=0.01")
UNTOLD = "budget.enforce=warn"


def test_each_rung_is_priced_where_the_score_first_reached_it(configure: Configure) -> None:
    entry = run(configure(*LONGER, "max_epochs=6", "target.rungs=[0.5,0.8,0.999]", "stages=[fit]"))
    curve = read_curve(Path(entry.folder) / "curve.jsonl")
    assert len(curve) == 6
    for crossing in entry.rungs:
        first = next(point for point in curve if point.score >= crossing.rung)
        assert crossing == Crossing(rung=crossing.rung, **first.as_dict())
    assert [crossing.rung for crossing in entry.rungs][:2] == [0.5, 0.8]
    for before, after in pairwise(curve):
        for clock in ("seconds", "fit_seconds", "flops", "samples", "usd"):
            assert getattr(after, clock) > getattr(before, clock), clock
        assert after.joules >= before.joules
    assert all(point.fit_seconds < point.seconds for point in curve)


def test_training_ends_at_the_top_rung_if_asked(configure: Configure) -> None:
    words = ("max_epochs=30", "target.rungs=[0.5,0.8]", "stages=[fit,test]")
    entry = run(configure(*LONGER, *words, "stop_at_target=true"))
    curve = read_curve(Path(entry.folder) / "curve.jsonl")
    assert [point.score >= 0.8 for point in curve] == [False] * (len(curve) - 1) + [True]
    assert entry.status == "done"
    assert entry.scores["test/accuracy"] is not None, "and the stages after it went on"


@pytest.mark.parametrize(
    "limit", ["usd", *(pytest.param(one, marks=pytest.mark.slow) for one in ("seconds", "joules"))]
)
def test_a_run_stops_after_the_step_that_reaches_its_budget_and_goes_on_with_a_larger_one(
    configure: Configure, limit: str
) -> None:
    # What this process has used before the run starts is charged to it, or to none: ask first.
    spent = run(configure(*QUICK, "stages=[fit]", "max_epochs=1"))
    assert spent.status == "done"
    allowed = {"usd": 1.5e-5, "seconds": 1.0, "joules": 20.0}[limit]
    long = (*LONGER, "max_epochs=400", "stages=[fit]", UNTOLD)
    folder = Path("long").absolute()
    cfg = configure(*long, f"budget.{limit}={allowed}", f"folder={folder}")
    with pytest.raises(Stopped) as stopped:
        run(cfg)
    assert stopped.value.exit_code == 3
    assert (folder / "status").read_text() == "stopped: budget\n"
    [life] = read_entries(folder)
    used = {"usd": life.usd, "seconds": life.seconds, "joules": life.usage.joules}[limit]
    assert used >= allowed
    assert life.usage.steps < 400 * 41
    assert (folder / "checkpoints" / "last.ckpt").is_file()

    with pytest.raises(Refused, match=f"budget.{limit}=.* is spent"):
        run(configure(*long, f"budget.{limit}={allowed}", f"run={folder}"))

    epochs = life.usage.steps // 41 + 2
    larger = f"budget.{limit}={allowed * 50}"
    entry = run(configure(f"run={folder}", "stages=[fit]", f"max_epochs={epochs}", larger))
    assert (entry.status, entry.life) == ("done", 1)
    last = read_curve(folder / "curve.jsonl")[-1]
    assert last.usd == pytest.approx(life.usd + entry.usd, rel=0.5)
    assert last.usd > life.usd, "what was spent before counts"
    assert last.samples > life.usage.samples


def test_a_run_quoted_above_its_budget_is_refused_and_leaves_nothing(
    configure: Configure, tmp_path: Path
) -> None:
    cfg = configure(*QUICK, "max_epochs=2000", "budget.usd=0.00005")
    with pytest.raises(Refused, match=r"quoted at .* usd, above budget.usd=5e-05"):
        run(cfg)
    assert not list(tmp_path.glob("logs/runs/*/*"))


def test_a_quote_alone_trains_nothing_and_a_later_run_is_held_against_it(
    configure: Configure, tmp_path: Path
) -> None:
    quoted = run(configure(*QUICK, "stages=[quote]"))
    quote = quoted.quote
    assert quote.steps == 2 * 41
    assert quote.seconds_low < quote.seconds < quote.seconds_high
    assert quote.usd_low < quote.usd < quote.usd_high
    assert quote.joules > 0
    assert quote.peak_memory_bytes > 10**8
    assert (quoted.scores, quoted.status) == ({}, "quoted")
    assert quoted.usage.steps == 0
    assert quoted.usage.seconds_by_phase["quote"] > 0.1
    assert not list(tmp_path.glob("logs/runs/*/*"))
    assert not list(Path(quoted.folder).glob("checkpoints"))

    real = run(configure(*QUICK, "seed=3"))
    took = real.seconds / quote.seconds - 1
    assert real.quote.error == pytest.approx(took)
    assert run(configure(*QUICK, "model.width=17")).quote is None, "another config, no quote"
    assert run(configure(*QUICK, "stages=[fit]")).quote is None, "nor for other stages"
    kept = [entry.quote and entry.quote.error for entry in entries(configure().ledger)]
    assert kept.count(None) == len(kept) - 1


@pytest.mark.parametrize(
    "limits",
    [
        ("trainer.min_epochs=500",),
        ("trainer.check_val_every_n_epoch=100",),
        ("trainer.limit_val_batches=0", "callback=[]"),
    ],
)
def test_a_quote_ends_and_counts_whatever_the_trainer_is_told(
    configure: Configure, limits: tuple[str, ...]
) -> None:
    quote = run(configure(*QUICK, "stages=[quote]", "max_epochs=500", *limits)).quote
    assert quote.steps == 500 * 41
    assert quote.scaled_seconds > 0.5 * quote.steps * quote.step_seconds


def test_what_a_refused_run_spent_is_not_the_next_one_s(configure: Configure) -> None:
    large, small = configure(*QUICK, "max_epochs=2000", "budget.seconds=1"), configure(*QUICK)
    began = time.monotonic()
    with pytest.raises(Refused):
        run(large)
    refused = time.monotonic()
    entry = run(small)
    ended = time.monotonic()
    assert entry.seconds < (ended - refused) + (refused - began) / 2


def test_a_quote_does_not_touch_the_run(configure: Configure) -> None:
    alone = run(configure(*QUICK))
    after = run(configure(*QUICK, "stages=[quote,fit,test]"))
    assert after.scores == alone.scores
    assert after.quote.error is not None


def test_a_run_that_ended_without_a_word_keeps_the_price_of_its_last_sign_of_life(
    configure: Configure,
) -> None:
    cfg = configure(*QUICK, "stages=[fit]")
    entry = run(cfg)
    folder = Path(entry.folder)
    # As kill -9 leaves it: running, with the figures of the last sign.
    dead = replace(entry, status="running", seconds=7.0, usd=0.5)
    (folder / "entries.json").write_text(json.dumps({"lives": [plain_entry(dead)]}))
    again = run(configure(*QUICK, "stages=[fit]", "max_epochs=3", f"run={folder}"))
    first, second = sorted(entries(cfg.ledger), key=lambda life: life.life)
    assert (first.status, first.usd) == ("died", 0.5)
    assert second == again


def test_runs_of_one_process_share_its_energy_out_between_them(configure: Configure) -> None:
    import time

    cfg = configure(*QUICK, "stages=[fit]")
    run(cfg)
    began, before = time.monotonic(), machine_energy(0).measure_drawn().joules
    time.sleep(1.5)
    entry = run(configure(*QUICK, "stages=[fit]"))
    drawn = machine_energy(0).measure_drawn().joules - before
    part = entry.seconds / (time.monotonic() - began)
    gap = entry.usage.seconds_by_phase["start_up"]
    assert entry.usage.cpu_seconds > 0.3 * gap, "what it did is paid for, its idling is not"
    assert 0.3 * part * drawn < entry.usage.joules < drawn


def test_signs_of_life_come_again_and_again_and_never_after_the_end() -> None:
    import time

    beats: list[int] = []
    with beating(lambda: beats.append(1), seconds=0.02):
        time.sleep(0.2)
    counted = len(beats)
    assert counted >= 3
    time.sleep(0.1)
    assert len(beats) == counted


def test_the_money_chart_s_steps_are_billionths_of_a_dollar(configure: Configure) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.custom_scalar import layout_pb2

    words = [word for word in QUICK if not word.startswith("logger")]
    entry = run(configure(*words, "stages=[fit]"))
    events = EventAccumulator(entry.folder).Reload()
    curve = read_curve(Path(entry.folder) / "curve.jsonl")
    money = events.Scalars("price/val/accuracy_by_nano_usd")
    assert [e.value for e in money] == pytest.approx([point.score for point in curve])
    assert [e.step for e in money] == pytest.approx([p.usd * 1e9 for p in curve], rel=0.02)
    assert [e.value for e in events.Scalars("price/usd")] == pytest.approx(
        [point.usd for point in curve], rel=0.02
    )
    raw = events.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0]
    layout = layout_pb2.Layout.FromString(raw)
    [category] = layout.category
    assert category.title == "quality against price"
    assert "USD" in category.chart[0].title
    assert list(category.chart[0].multiline.tag) == ["price/val/accuracy_by_nano_usd"]


@pytest.mark.slow
def test_a_quote_is_within_15_percent_of_a_run_of_a_minute(configure: Configure) -> None:
    # The machine may be busy during a quote or a run, which moves either by more: three tries.
    errors = []
    for _ in range(3):
        words = (
            "stages=[quote,fit,test]",
            "logger=none",
            "figures=false",
            "data.batch_size=8",
            "max_epochs=150",
        )
        entry = run(configure(*words))
        errors.append(entry.quote.error)
        if abs(errors[-1]) <= 0.15:
            return
    raise AssertionError(f"off by {errors}")


def test_where_the_peak_is_known_so_is_the_share_of_it_that_was_used(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("priced.callback.meter.device_name", lambda _: "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr("priced.data.base.Data.tokens_per_sample", 7)
    usage = run(configure(*QUICK, "stages=[fit]")).usage
    flops_per_second = usage.flops / usage.fit_seconds
    assert usage.mfu == pytest.approx(flops_per_second / 67e12)
    assert usage.tokens == 7 * usage.samples
