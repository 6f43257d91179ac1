from dataclasses import replace

import pytest

from priced.price.design import plan_sets, share_effects
from priced.record.runs import group_lives
from priced.report.cut import compute_shares, compute_waterfall
from priced.report.ledger import price_cut
from tests.report.made import made


def _runs(*prices: float, score: float = 0.96) -> list:  # type: ignore[type-arg]
    return [group_lives([made(f"r{k}", score, usd)])[0] for k, usd in enumerate(prices)]


def test_each_step_is_held_against_the_one_before_on_the_train_only_clock() -> None:
    found = compute_waterfall(_runs(8, 4, 6))
    assert found is not None
    rung, steps = found
    assert rung == 0.95
    assert [step.usd for step in steps] == pytest.approx([2, 1, 1.5])
    assert [step.change_usd for step in steps] == [None, pytest.approx(-1), pytest.approx(0.5)]


def test_the_rung_is_the_hardest_that_all_reached() -> None:
    found = compute_waterfall([*_runs(8), *_runs(4, score=0.92)])
    assert found is not None
    assert found[0] == 0.9
    assert compute_waterfall(_runs(1, score=0.5)) is None


def test_what_never_reached_the_rung_has_no_price() -> None:
    found = compute_waterfall([*_runs(8), *_runs(4, score=0.92), *_runs(2)], 0.95)
    assert found is not None
    assert [step.usd for step in found[1]] == [2, None, 0.5]
    assert found[1][2].change_usd == -1.5


def test_runs_are_told_apart_by_the_words_that_they_do_not_share() -> None:
    lives = [made(f"r{k}", 0.96, 1, overrides=["a=1", f"seed={k}"]) for k in range(2)]
    found = compute_waterfall([group_lives([life])[0] for life in lives])
    assert found is not None
    assert [step.name for step in found[1]] == ["seed=0", "seed=1"]


def _cut(words: str, usd: float, seed: int, **fields: object):  # type: ignore[no-untyped-def]
    overrides = [f"technique=[baseline{',' if words else ''}{','.join(words)}]"]
    return made(f"{words}{seed}", 0.96, usd, seed, overrides=overrides, **fields)


def test_seeds_of_a_technique_are_one_step_with_an_interval() -> None:
    prices = {("", 0): 8, ("", 1): 10, ("a", 0): 4, ("a", 1): 5, ("ab", 0): 4, ("ab", 1): 6}
    lives = [_cut(words, usd, seed) for (words, seed), usd in prices.items()]
    found = compute_waterfall([group_lives([life])[0] for life in lives])
    assert found is not None
    steps = {step.name: step for step in found[1]}
    assert {name: len(step.runs) for name, step in steps.items()} == dict.fromkeys(steps, 2)
    assert steps["baseline"].usd == pytest.approx(2.25)
    assert steps["a"].change_usd == pytest.approx(-1.125)
    assert steps["a"].low < -1.125 < steps["a"].high
    assert steps["b"].change_usd == pytest.approx(0.125)


def test_compiling_is_no_part_of_a_rungs_price() -> None:
    lives = [_cut("", 8, 0), _cut("c", 8, 0)]
    rungs = tuple(replace(one, compile_seconds=one.fit_seconds / 2) for one in lives[1].rungs)
    lives[1] = replace(lives[1], rungs=rungs)
    found = compute_waterfall(group_lives(lives)[::-1])
    assert found is not None
    plain, compiled = sorted(found[1], key=lambda step: step.name)
    assert (plain.usd, plain.compile_usd) == (2, 0)
    assert (compiled.usd, compiled.compile_usd) == (1, 1)


def test_shares_of_a_factorial_sum_to_the_whole_whatever_the_order() -> None:
    prices = {"": 16.0, "a": 8.0, "b": 12.0, "ab": 4.0}
    lives = [_cut(words, usd + seed, seed) for words, usd in prices.items() for seed in range(3)]
    for runs in (group_lives(lives), group_lives(lives)[::-1]):
        found = compute_shares(runs)
        assert found is not None
        by_name = {one.name: one for one in found[1]}
        assert by_name["a"].usd == pytest.approx(-2.0)
        assert by_name["b"].usd == pytest.approx(-1.0)
        assert sum(one.usd for one in found[1]) == pytest.approx((4 - 16) / 4)
    assert compute_shares(group_lives(lives[:-3])) is None, "a set of them is missing"


def test_a_balanced_fraction_tells_what_the_whole_design_would() -> None:
    names = "abcdef"
    effect = dict(zip(names, (-4.0, 8.0, 0.0, 12.0, -16.0, 4.0), strict=True))

    def usd(some: tuple[str, ...]) -> float:
        return 80 + sum(effect[one] for one in some) - 8 * ("a" in some and "b" in some)

    planned = plan_sets("fractional", names)
    assert (len(planned), planned[0], len(set(planned))) == (16, (), 16)
    found = compute_shares(group_lives([_cut("".join(some), usd(some), 0) for some in planned]))
    every = compute_shares(
        group_lives([_cut("".join(some), usd(some), 0) for some in plan_sets("factorial", names)])
    )
    assert found is not None
    assert every is not None
    exact = {one.name: one.usd for one in every[1]}
    assert {one.name: one.usd for one in found[1]} == pytest.approx(exact | {"interaction": 0.0})


def test_what_three_do_together_is_no_ones_share_and_in_the_sum() -> None:
    names = "abcde"
    worth = {
        frozenset(some): 10.0 - len(some) - 5.0 * (set("abd") <= set(some))
        for some in plan_sets("fractional", names)
    }
    found = share_effects(worth)
    assert found is not None
    assert found["interaction"] != 0
    assert sum(found.values()) == pytest.approx(-10.0)
    worth.pop(frozenset("ab" if frozenset("ab") in worth else sorted(max(worth, key=len))))
    assert share_effects(worth) is None, "no longer balanced"


def test_the_report_draws_the_newest_ladder_of_techniques() -> None:
    lives = [
        made(f"{sweep}{k}", 0.96, 9 - k, folder=f"{sweep}/{k}", overrides=[f"technique=t{k}"],
             started_at=f"2026-0{month}-01T00:00:0{k}")
        for month, sweep in ((1, "old"), (2, "new")) for k in range(3)
    ]  # fmt: skip
    found = price_cut(group_lives(lives))
    assert found is not None
    assert [step.run.run for step in found[1]] == ["new0", "new1", "new2"]
    assert [step.name for step in found[1]] == ["t0", "t1", "t2"]
    assert price_cut(group_lives([made("a", 0.9, 1)])) is None


def test_runs_that_go_by_different_metrics_are_not_compared() -> None:
    other = made("b", 0.96, 1, target={"metric": "val/r2", "mode": "max"})
    with pytest.raises(ValueError, match="one metric alone"):
        compute_waterfall([*_runs(8), group_lives([other])[0]])
