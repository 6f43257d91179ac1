"""What a sweep is, from its first start to its last trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from priced.check.environment import check_addresses
from priced.check.redact import redact_source, redact_word
from priced.check.schema import Sweep
from priced.check.signature import signature
from priced.compose.config import Config
from priced.compose.option import Options
from priced.record.find import NEWEST
from priced.record.folder import read_json, write_json, write_text
from priced.sweep.composition import compose_base, compose_trial, freeze, read_choices
from priced.sweep.setting import check_settings
from priced.sweep.space import Space, Value, grid, inside, is_inside, read_space, values_of
from priced.sweep.storage import check_storage
from priced.sweep.words import SWEEP

CONFIG = "config.yaml"
Direction = Literal["minimize", "maximize"]
_MANY_CHOICES = 64


@dataclass(frozen=True)
class Plan:
    """What a sweep is.

    Attributes:
        id: Its name and what tells it from another one that had that name.
        folder: Where it keeps its files, absolute.
        home: Where its commands are run: relative paths in a config start there.
        primary: The primary config.
        words: The words of the command line in Hydra's spelling, swept ones and all.
        options: What they are composed from.
    """

    id: str
    folder: Path
    home: Path
    primary: str
    words: tuple[str, ...]
    options: Options

    @cached_property
    def fixed_words(self) -> tuple[str, ...]:
        """Return the words that sweep nothing."""
        return tuple(read_space(self.words, {}).fixed)

    @cached_property
    def base(self) -> Config:
        """Return the config that all trials start from: the swept keys as they are without."""
        return compose_base(self.options, self.primary, self.fixed_words)

    @property
    def settings(self) -> Sweep:
        """Return how the sweep goes on."""
        if self.base.sweep is None:
            raise ValueError("a sweep makes new runs: it takes no run= to go on with")
        return self.base.sweep

    @cached_property
    def space(self) -> Space:
        """Return what is turned."""
        return read_space(self.words, (self.base.space or {}) if self.settings.use_space else {})

    @property
    def directions(self) -> list[Direction]:
        """Return which way each objective is better, in Optuna's words."""
        better: Direction = "maximize" if self.base.target.mode == "max" else "minimize"
        return [better if one == "score" else "minimize" for one in self.settings.objectives]

    def config(self, picked: Mapping[str, Value]) -> Config:
        """Return the config of a trial that has these values picked.

        Raises:
            HydraException: If it does not compose.
            Refused: If it cannot run.
        """
        return compose_trial(self.options, self.primary, tuple(self.space.fixed), picked)

    @cached_property
    def first(self) -> list[dict[str, Value]]:
        """Return the trials to start with, in order: the config's own values, the grid's points."""
        own = []
        if self.settings.from_defaults and self.space.dimensions:
            own = [self.own_values()]
        if self.settings.sampler is not None:
            return own
        listed = grid(self.space, self.settings.points)
        return own + [point for point in listed if point not in own]

    def own_values(self) -> dict[str, Value]:
        """Return the config's own value of each dimension, or the nearest that the space has."""
        own = self._as_it_stands
        return {key: inside(one, own[key]) for key, one in self.space.dimensions.items()}

    def pick(self, number: int, params: Mapping[str, Value]) -> dict[str, Value]:
        """Return what a trial picked of its own, and not the config for it.

        Trial 0 is the config exactly as it stands: a value outside of the space is left as it is.
        The study keeps the nearest one for it, as samplers know no other.
        """
        if not self._is_the_config(number):
            return dict(params)
        return {key: value for key, value in params.items() if self._is_inside(key)}

    def list_values(self, number: int, params: Mapping[str, Value]) -> dict[str, Any]:
        """Return the value of each dimension that a trial really ran with."""
        if not self._is_the_config(number):
            return dict(params)
        own = self._as_it_stands
        return {key: one if self._is_inside(key) else own[key] for key, one in params.items()}

    def _is_the_config(self, number: int) -> bool:
        return number == 0 and bool(self.settings.from_defaults and self.space.dimensions)

    def _is_inside(self, key: str) -> bool:
        return is_inside(self.space.dimensions[key], self._as_it_stands[key])

    @property
    def choices(self) -> dict[str, Any]:
        """Return which option of each group is picked where none is swept."""
        return read_choices(self.options, self.primary, tuple(self.space.fixed))

    @cached_property
    def _as_it_stands(self) -> dict[str, Any]:
        """Return the config's own value of each dimension, in the space or not."""
        choices = self.choices
        return {
            key: choices[key] if key in choices else _own_value(self.base.tree, key)
            for key in self.space.dimensions
        }

    def total(self) -> int | None:
        """Return how many trials there will be; None: until a budget ends it."""
        asked = self.settings.n_trials
        if self.settings.sampler is not None:
            return None if asked is None else int(asked)
        listed = len(self.first)
        return listed if asked is None else min(int(asked), listed)

    def check(self) -> None:
        """Hold the settings and both ends of every dimension against what they may be.

        Raises:
            ValueError: Naming what is wrong, before any trial.
        """
        check_settings(self.base, self.settings)
        if self.base.run is not None:
            raise ValueError("a sweep makes new runs: run must be null")
        if self.base.folder is not None:
            raise ValueError(
                "a sweep makes a folder for each run: sweep.name says where, not folder"
            )
        for key in ("model.pretrained", "data.tokenizer"):
            if OmegaConf.select(self.base.tree, key) == NEWEST:
                raise ValueError(f"{key}=last is another run for each trial: name the run's id")
        if self.settings.sampler is not None and not self.space.dimensions:
            name = str(self.base.model._target_).split(".")[-2]
            raise ValueError(
                "a search needs something to turn: optimizer.lr=tag(log,interval(1e-4,1e-1)), or "
                f"the space of model={name} in own/space/{name}.yaml, for --config-dir own"
            )
        self.total()
        check_addresses(self.base.logger or {}, self.words)
        check_storage(self.settings.storage, self.folder)
        own = self.own_values()
        for key, dimension in self.space.dimensions.items():
            for value in _ends(key, dimension):
                try:
                    self.config(own | {key: value})
                except (ValueError, HydraException) as error:
                    raise ValueError(f"{key}={value}: {error}") from error

    def write(self) -> None:
        """Keep the plan in its folder, secrets masked, and the options as they are now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        freeze(self.folder, self.options)
        state = {
            "id": self.id,
            "primary": self.primary,
            "words": [redact_word(word) for word in self.words],
            "started_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        }
        write_text(self.folder / CONFIG, OmegaConf.to_yaml(redact_source(self.base.tree)))
        write_json(self.folder / SWEEP, state)

    def keep_words(self) -> None:
        """Keep the words as this command has them: the next one goes on from there."""
        state = read_json(self.folder / SWEEP)
        write_json(self.folder / SWEEP, state | {"words": [redact_word(w) for w in self.words]})


def _own_value(cfg: DictConfig, key: str) -> object:
    """Return what a config has for a key, or else what the class there takes without it."""
    value = OmegaConf.select(cfg, key)
    parent, _, name = key.rpartition(".")
    node = OmegaConf.select(cfg, parent) if parent else None
    if value is None and isinstance(node, DictConfig) and "_target_" in node:
        taken = signature(str(node["_target_"]))
        return taken.defaults.get(name) if taken else None
    return value


def _ends(key: str, dimension: Any) -> Sequence[Value]:
    if isinstance(dimension, CategoricalDistribution):
        return values_of(key, dimension, None)[:_MANY_CHOICES]
    assert isinstance(dimension, FloatDistribution | IntDistribution)
    return dimension.low, dimension.high
