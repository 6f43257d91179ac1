"""What a sweep turns, read from words in Hydra's grammar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import exp, log
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra_plugins.hydra_optuna_sweeper._impl import create_params_from_overrides
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from priced.compose.words import key_of

Value = bool | int | float | str | None


@dataclass(frozen=True)
class Space:
    """A search space, and the words that stay the same in every trial.

    Attributes:
        dimensions: What may be picked for each key, in the order of the words.
        fixed: Hydra's words of everything else.
    """

    dimensions: dict[str, BaseDistribution] = field(default_factory=dict)
    fixed: list[str] = field(default_factory=list)


def read_space(words: Sequence[str], defaults: Mapping[str, object]) -> Space:
    """Read the words of a command line; what they say of a key replaces the default space.

    Args:
        words: Hydra's overrides: `optimizer.lr=interval(1e-4,1e-1)`, `model=mlp,vit`, `seed=3`.
        defaults: A space by key, in the same grammar.

    Raises:
        ValueError: If a word is in no grammar that a sweep knows.

    Example:
        >>> space = read_space(["optimizer.lr=interval(0.1,1)"], {"model.depth": "range(1,4)"})
        >>> list(space.dimensions)
        ['model.depth', 'optimizer.lr']
    """
    named = {key_of(word) for word in words}
    assumed = [f"{key}={value}" for key, value in defaults.items() if key not in named]
    try:
        dimensions, _, _ = create_params_from_overrides([*assumed, *words])
    except (AssertionError, NotImplementedError, ValueError) as error:
        wrong = _find_wrong([*assumed, *words])
        raise ValueError(f"{wrong} spans no values to pick from: {error}") from error
    swept = {key_of(key): distribution for key, distribution in dimensions.items()}
    return Space(swept, [word for word in words if key_of(word) not in swept])


def _find_wrong(words: Sequence[str]) -> str:
    """Return the first word that is in no grammar that a sweep knows, as it was typed."""
    for word in words:
        try:
            create_params_from_overrides([word])
        except (AssertionError, NotImplementedError, ValueError):
            return word.lstrip("+")
    return "a word"


def values_of(key: str, distribution: BaseDistribution, points: int | None) -> list[Value]:
    """Return the values of a dimension, in order.

    Args:
        key: Its name, for the error.
        distribution: The dimension.
        points: How many to take from an interval, evenly, or evenly in the logarithm; None: an
            interval has no values to list.

    Raises:
        ValueError: If it is an interval and no number of points is given.

    Example:
        >>> values_of("lr", FloatDistribution(0.001, 0.1, log=True), 3)
        [0.001, 0.01, 0.1]
    """
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    low, high, step = distribution.low, distribution.high, distribution.step
    if (
        isinstance(distribution, IntDistribution)
        and not distribution.log
        and (points is None or step != 1 or high - low < points)
    ):
        return list(range(distribution.low, distribution.high + 1, distribution.step))
    if isinstance(distribution, FloatDistribution) and step is not None:
        return [round(low + k * step, 12) for k in range(round((high - low) / step) + 1)]
    if points is None:
        raise ValueError(f"{key} has no end of values to try each: pick a search, sweep=tpe")
    shares = [k / (points - 1) for k in range(points)] if points > 1 else [0.0]
    if distribution.log:
        spread = [exp(log(low) + share * (log(high) - log(low))) for share in shares]
    else:
        spread = [low + share * (high - low) for share in shares]
    if isinstance(distribution, IntDistribution):
        return list(dict.fromkeys(round(value) for value in spread))
    return [float(f"{value:.12g}") for value in spread]


def grid(space: Space, points: int | None) -> list[dict[str, Value]]:
    """Return every combination of the values of all dimensions, the last one turning fastest.

    Raises:
        ValueError: As `values_of` does.
    """
    listed = {key: values_of(key, own, points) for key, own in space.dimensions.items()}
    return [dict(zip(listed, chosen, strict=True)) for chosen in product(*listed.values())]


def inside(distribution: BaseDistribution, value: Any) -> Value:
    """Return the value of a dimension that is nearest to one of the config's own.

    A choice that is not among the choices has no nearest one: the first stands for it.
    """
    if isinstance(distribution, CategoricalDistribution):
        spelt = {str(plain(choice)): choice for choice in distribution.choices}
        return spelt.get(str(value), distribution.choices[0])
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return distribution.low
    near = min(max(value, distribution.low), distribution.high)
    if distribution.step is not None and not distribution.log:
        near = (
            distribution.low
            + round((near - distribution.low) / distribution.step) * distribution.step
        )
    if isinstance(distribution, IntDistribution):
        return round(near)
    return min(float(near), distribution.high)


def is_inside(distribution: BaseDistribution, value: Any) -> bool:
    """Say whether a dimension has one of the config's own values exactly."""
    if isinstance(distribution, CategoricalDistribution):
        return str(value) in {str(plain(choice)) for choice in distribution.choices}
    return type(value) in (int, float) and inside(distribution, value) == value


def plain(choice: Value) -> Any:
    """Return what a choice means in a config: Hydra's quotes and lists are read.

    Example:
        >>> plain("[1,2]"), plain("'a b'"), plain(3)
        ([1, 2], 'a b', 3)
    """
    if not isinstance(choice, str):
        return choice
    return OverridesParser.create().parse_override(f"key={choice}").value()
