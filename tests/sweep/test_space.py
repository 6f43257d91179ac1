import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from priced.sweep.space import grid, inside, read_space, values_of


def test_words_replace_add_to_and_fix_what_a_default_space_has() -> None:
    defaults = {"optimizer.lr": "tag(log,interval(0.001,0.1))", "model.depth": "range(1,4)"}
    words = ["++optimizer.lr=choice(0.1,0.2)", "model.depth=2", "seed=1,2", "max_epochs=3"]
    space = read_space(words, defaults)
    assert space.dimensions == {
        "optimizer.lr": CategoricalDistribution([0.1, 0.2]),
        "seed": CategoricalDistribution([1, 2]),
    }
    assert space.fixed == ["model.depth=2", "max_epochs=3"]


def test_hydras_grammar_is_read_as_optunas_dimensions() -> None:
    words = ["a=interval(0.5,2.0)", "b=tag(log,interval(0.001,1.0))", "c=range(1,9,2)",
             "d=int(interval(1,5))"]  # fmt: skip
    assert read_space(words, {}).dimensions == {
        "a": FloatDistribution(0.5, 2.0),
        "b": FloatDistribution(0.001, 1.0, log=True),
        "c": IntDistribution(1, 7, step=2),
        "d": IntDistribution(1, 5),
    }


def test_a_grid_turns_its_last_dimension_fastest() -> None:
    space = read_space(["a=1,2", "b=x,y"], {})
    assert grid(space, None) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_an_interval_has_points_evenly_or_evenly_in_the_logarithm() -> None:
    assert values_of("a", FloatDistribution(0.0, 1.0), 3) == [0.0, 0.5, 1.0]
    assert values_of("a", FloatDistribution(0.01, 1.0, log=True), 3) == [0.01, 0.1, 1.0]
    assert values_of("a", IntDistribution(1, 100), 3) == [1, 50, 100]
    assert values_of("a", IntDistribution(1, 3), 9) == [1, 2, 3]
    with pytest.raises(ValueError, match="pick a search"):
        values_of("a", FloatDistribution(0.0, 1.0), None)


@pytest.mark.parametrize(
    ("distribution", "value", "near"),
    [
        (FloatDistribution(0.1, 1.0), 0.5, 0.5),
        (FloatDistribution(0.1, 1.0), 3, 1.0),
        (IntDistribution(2, 8, step=2), 6.4, 6),
        (IntDistribution(2, 8), None, 2),
        (CategoricalDistribution(["a", "b"]), "b", "b"),
        (CategoricalDistribution(["a", "b"]), "c", "a"),
        (CategoricalDistribution(["[1,2]", "[3]"]), [3], "[3]"),
    ],
)
def test_a_value_of_the_config_has_a_nearest_one_in_the_space(
    distribution: object, value: object, near: object
) -> None:
    assert inside(distribution, value) == near  # type: ignore[arg-type]
