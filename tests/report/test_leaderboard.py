import math

import pytest

from priced.record.runs import group_lives
from priced.report.leaderboard import contests, records, usd_by_phase
from tests.report.made import TARGET, made


def test_seeds_are_folded_to_their_mean_and_interval() -> None:
    seeds = [made(f"r{k}", s, 1 + k, k, settings="one") for k, s in enumerate([0.90, 0.92, 0.94])]
    again = made("old", 0.1, 1, 0, settings="one", started_at="2020-01-01")
    [board] = contests(group_lives([*seeds, again, made("alone", 0.5, 1)]))
    first, last = board.rows
    assert (len(first.runs), first.score) == (3, pytest.approx(0.91))
    assert first.test == pytest.approx(0.92)
    assert first.low == pytest.approx(0.91 - 4.302653 * 0.02 / math.sqrt(3))
    assert first.usd == 2
    assert math.isnan(last.low)


def test_nothing_on_the_front_is_beaten_in_both() -> None:
    scores = {"a": (0.90, 1), "b": (0.95, 2), "c": (0.94, 3), "d": (0.99, 9), "e": (0.90, 1.5)}
    [board] = contests(group_lives([made(run, *both) for run, both in scores.items()]))
    assert [row.runs[0].run for row in board.front()] == ["a", "b", "d"]
    assert [row.runs[0].run for row in board.rows][:2] == ["d", "b"]


def test_where_less_is_better_the_board_and_the_front_turn_round() -> None:
    target = TARGET | {"metric": "val/rmse", "mode": "min"}
    losses = {"a": (5.0, 1), "b": (3.0, 2), "c": (4.0, 3)}
    lives = [
        made(run, 0, usd, target=target, scores={"val/rmse": loss})
        for run, (loss, usd) in losses.items()
    ]
    [board] = contests(group_lives(lives))
    assert [row.runs[0].run for row in board.rows] == ["b", "c", "a"]
    assert [row.runs[0].run for row in board.front()] == ["a", "b"]


def test_other_data_is_another_contest_and_what_has_no_score_is_in_none() -> None:
    lives = [made("a", 0.9, 1), made("b", 0.9, 1, data="mnist"), made("c", 0.9, 1, scores={})]
    boards = contests(group_lives(lives))
    assert {board.title for board in boards} == {
        "val accuracy on digits",
        "val accuracy on mnist",
    }


def test_the_price_of_a_rung_falls_from_record_to_record() -> None:
    prices = {"a": 8, "b": 9, "c": 3, "d": 5, "e": 2}
    lives = [
        made(run, 0.96, usd, started_at=f"2026-01-0{day}")
        for day, (run, usd) in enumerate(prices.items(), 1)
    ]
    found = records(group_lives(lives))
    quality = "digits val/accuracy"
    assert set(found) == {(quality, 0.9), (quality, 0.95)}
    assert [(r.run, r.usd) for r in found[quality, 0.9]] == [("a", 4), ("c", 1.5), ("e", 1)]


def test_the_money_by_phase_adds_up() -> None:
    spent = usd_by_phase(group_lives([made("a", 0.9, 1), made("b", 0.9, 2)]))
    assert spent == pytest.approx({"start_up": 1.5, "train_step": 1.5})


def test_rows_are_ranked_by_validation_and_show_what_that_picked() -> None:
    lucky = made("b", 0.99, 1, scores={"val/accuracy": 0.80, "test/accuracy": 0.99})
    untested = made("c", 0.99, 1, scores={"val/accuracy": 0.95})
    [board] = contests(group_lives([made("a", 0.9, 1), lucky, untested]))
    assert [(row.runs[0].run, row.score, row.test) for row in board.rows] == [
        ("c", 0.95, None),
        ("a", 0.89, 0.9),
        ("b", 0.80, 0.99),
    ]


def test_what_saw_a_part_of_its_data_is_on_no_board_and_sets_no_record() -> None:
    debug = made("a", 0.99, 1, target=TARGET | {"limited": True})
    assert contests(group_lives([debug])) == []
    assert records(group_lives([debug])) == {}


def test_a_row_is_made_again_by_its_words_as_the_last_training_had_them() -> None:
    first = made("a", 0.9, 1, overrides=["tags=[my tag]", "max_epochs=2"], stages=["fit"])
    again = ["run=logs/runs/x/a", "stages=[fit]", "max_epochs=4"]
    second = made("a", 0.95, 1, life=1, overrides=again, stages=["fit"])
    tested = made("a", 0.95, 1, life=2, overrides=["stages=[test]"], stages=["test"])
    [board] = contests(group_lives([first, second, tested]))
    assert board.rows[0].command == "python train.py 'tags=[my tag]' max_epochs=4"
