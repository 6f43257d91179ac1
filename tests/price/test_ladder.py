from pathlib import Path

import pytest

from priced.price.ladder import Mode, Point, crossings, reaches, read_curve, top_rung


def points(*scores: float) -> list[Point]:
    return [
        Point(score, e, e * 10, e * 2.0, e * 1.0, e * 5.0, e * 7.0, e * 32, 0, e / 10)
        for e, score in enumerate(scores, 1)
    ]


def test_a_rung_is_crossed_once_at_the_first_score_at_or_above_it() -> None:
    found = crossings(points(0.5, 0.9, 0.4, 0.96, 0.99), [0.95, 0.9, 0.999], "max")
    assert [(c.rung, c.epoch, c.seconds, c.usd) for c in found] == [
        (0.9, 2, 4.0, 0.2),
        (0.95, 4, 8.0, 0.4),
    ]


def test_where_less_is_better_the_rungs_go_down() -> None:
    found = crossings(points(3.0, 2.0, 1.0), [1.5, 2.5], "min")
    assert [(c.rung, c.epoch) for c in found] == [(2.5, 2), (1.5, 3)]
    assert top_rung([1.5, 2.5], "min") == 1.5


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_reaches_nothing(score: float, mode: Mode) -> None:
    assert not reaches(score, 0.5, mode)


def test_a_torn_last_line_of_a_curve_is_let_go(tmp_path: Path) -> None:
    import json

    file = tmp_path / "curve.jsonl"
    whole = [json.dumps(point.as_dict()) for point in points(0.1, 0.2)]
    file.write_text("\n".join([*whole, whole[0][:30]]))
    assert read_curve(file) == points(0.1, 0.2)
    assert read_curve(tmp_path / "none") == []
