"""The options that a config is composed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from yaml import YAMLError

from priced.check.schema import HYDRA
from priced.compose.words import check_single


@dataclass(frozen=True)
class Options:
    """Folders of options.

    Attributes:
        main: The one with the primary config.
        own: A user's own, in the order of the search path.
    """

    main: Path
    own: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return all of them."""
        return (self.main, *self.own)

    def compose(self, primary: str, words: Sequence[str]) -> DictConfig:
        """Return a config, Hydra's own part included; nothing of that part is applied.

        Args:
            primary: The name of the primary config.
            words: Hydra's overrides.

        Raises:
            HydraException: If it does not compose.
        """
        return self.compose_with_loader(primary, words)[0]

    def compose_with_loader(
        self, primary: str, words: Sequence[str]
    ) -> tuple[DictConfig, ConfigLoader]:
        """Return a config and what composed it, from which a launcher composes its jobs'.

        Raises:
            HydraException: If it does not compose.
            ValueError: If that is for a list of values, which only a sweep takes.
        """
        search = ",".join(f"file://{folder.absolute()}" for folder in self.own)
        extra = [f"hydra.searchpath=[{search}]"] if search else []
        outer = GlobalHydra.instance()
        running, outer.hydra = outer.hydra, None  # there is one at a time: a user's may be active
        try:
            with initialize_config_dir(str(self.main.absolute())):
                cfg = hydra_compose(primary, [*words, *extra], return_hydra_config=True)
                return cfg, GlobalHydra.instance().config_loader()
        except HydraException:
            check_single(words)
            raise
        except YAMLError as error:
            raise ValueError(_say_where(error)) from error
        except RecursionError as error:
            raise ValueError(
                "the defaults of two options name each other, or those of one itself: look into "
                + ", ".join(map(str, self.own))
            ) from error
        finally:
            outer.hydra = running


def _say_where(error: YAMLError) -> str:
    """Return what is wrong with a file of YAML, and where, in one line."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    place = "an option" if mark is None else f"{mark.name}, line {mark.line + 1},"
    return f"{place} must be YAML: {problem}"


def without_hydra(cfg: DictConfig) -> DictConfig:
    """Return a copy of a config without Hydra's own part."""
    return OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != HYDRA]).copy()
