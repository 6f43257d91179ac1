"""What is quoted is what the run that follows does, in every combination."""

from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import pytest

from priced.price.tariff import Tariff
from priced.run.run import run
from tests.conftest import QUICK, Configure
from tests.data.pictures import write_digits
from tests.model.gans import SMALL

DIGITS = (*QUICK, "data.batch_size=64", "target.rungs=[2.0]")
GAN = (
    *("model=stylegan", *SMALL["stylegan"], "data.root=hub", "data.batch_size=16"),
    "schedule=constant",  # a planned one cannot be made longer
)
COUNTED = ("batches", "steps", "samples", "validations", "validation_batches")

PAIRS = [
    (accumulate, limit, gan, resumed, stop)
    for accumulate, limit, gan, resumed, stop in product(
        (1, 4), (None, 5, 0.5), (False, True), (False, True), (False, True)
    )
    if not (gan and accumulate > 1)  # refused
]
SAMPLE = [PAIRS[k] for k in (0, 3, 13, 18, 31)]


def words_of(accumulate: int, limit: float | None, gan: bool, stop: bool) -> list[str]:
    words = [*GAN, "logger=none", "figures=false", "callback=[checkpoint]"] if gan else [*DIGITS]
    words += [f"stop_at_target={str(stop).lower()}", "max_epochs=2"]
    words += [f"trainer.accumulate_grad_batches={accumulate}"] if accumulate > 1 else []
    words += [f"trainer.limit_train_batches={limit}"] if limit else []
    return [*words, "target.rungs=[0.0001]"] if gan else words


def compare(configure: Configure, *pair: object) -> None:
    accumulate, limit, gan, resumed, stop = pair
    words = words_of(accumulate, limit, gan, stop)  # type: ignore[arg-type]
    more = []
    if resumed:
        first = run(configure(*words, "max_epochs=1", "stages=[fit]"))
        more = [f"run={first.folder}"]
    entry = run(configure(*words, *more, "stages=[quote,fit]"))
    quote = entry.quote
    assert {key: getattr(quote, key) for key in COUNTED} == {
        key: getattr(entry.usage, key) for key in COUNTED
    }
    assert quote.batches > 0


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_digits(tmp_path / "hub", "train", 0, 160)
    write_digits(tmp_path / "hub", "test", 160, 40)


@pytest.mark.parametrize("pair", SAMPLE, ids=str)
def test_quoted_units_are_those_of_the_run(configure: Configure, pair: tuple[object, ...]) -> None:
    compare(configure, *pair)


@pytest.mark.slow
@pytest.mark.parametrize("pair", [p for p in PAIRS if p not in SAMPLE], ids=str)
def test_quoted_units_are_those_of_the_run_in_every_combination(
    configure: Configure, pair: tuple[object, ...]
) -> None:
    compare(configure, *pair)


def test_a_run_that_was_stopped_within_an_epoch_is_quoted_what_is_left(
    configure: Configure,
) -> None:
    first = run(configure(*DIGITS, "trainer.max_steps=30", "stages=[fit]"))
    words = (f"run={first.folder}", "trainer.max_steps=40", "stages=[quote,fit]")
    entry = run(configure(*DIGITS, *words))
    quote = entry.quote
    assert (quote.batches, quote.steps) == (10, 10)
    assert entry.usage.batches == 10


@pytest.mark.parametrize("nodes", [1, 4])
def test_every_machine_is_paid_for(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, nodes: int
) -> None:
    monkeypatch.setattr("priced.run.quote._devices", lambda trainer: nodes)
    entry = run(configure(*DIGITS, f"trainer.num_nodes={nodes}", "stages=[quote]"))
    quote = entry.quote
    tariff = Tariff("box", 3600.0, "", "")
    assert quote.nodes == nodes
    assert quote.under(tariff).usd == pytest.approx(nodes * quote.seconds)
    assert quote.batches == 2 * -(-1294 // nodes // 64)


def test_a_quote_made_before_is_told_at_todays_price(configure: Configure) -> None:
    words = (*DIGITS, "stages=[quote,fit]")
    run(configure(*words[:-1], "stages=[quote]"))
    for usd in (0.0, 100.0):
        first = run(configure(*DIGITS, "stages=[fit]", f"tariff.usd_per_hour={usd}"))
        assert first.quote is None or first.quote.usd >= 0


def test_free_machines_are_quoted_at_nothing_and_then_at_something() -> None:
    free, dear = Tariff("box", 0.0, "", ""), Tariff("box", 3.6, "", "")
    from tests.price.test_quote import QUOTE

    quote = replace(QUOTE, joules=0.0)
    assert quote.under(free).usd == 0.0
    assert quote.under(free).under(dear).usd == pytest.approx(1.0)
    assert asdict(quote.under(dear))["tariff"] == "box"


def test_the_progress_forecasts_what_is_left_of_every_kind(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    from priced.callback.price import Price

    told: list[tuple[float, float]] = []

    def note(self: Price, trainer: object, *args: object) -> None:
        spent = self.add_up_spent(trainer).usd  # type: ignore[arg-type]
        told.append((self.forecast_usd(trainer), spent))  # type: ignore[arg-type]

    monkeypatch.setattr(Price, "on_train_epoch_end", note, raising=False)
    words = ("trainer.accumulate_grad_batches=4", "max_epochs=4", "stages=[fit]")
    run(configure(*DIGITS, *words))
    assert all(forecast >= spent for forecast, spent in told)
    first, last = told[0], told[-1]
    assert last[0] <= last[1] * 1.5, "what is left at the end is one save"
    assert first[0] > first[1]
