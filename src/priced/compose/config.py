"""The settings of one run: typed, checked, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from priced.check import check
from priced.check.schema import Root, Sections, annotations, find_section


@dataclass(frozen=True, kw_only=True)
class Config(Root, Sections):
    """The checked settings of one run; a change makes another one.

    The knobs are attributes, as `priced.check.schema` has them. The groups (`model`, `data`, ...)
    are nodes of the tree, from which their objects are built.

    Attributes:
        tree: All of it, as it was composed: interpolations stand where they were written.
        words: The words of the command line that made it, for the record.
    """

    tree: DictConfig = field(repr=False)
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, tree: DictConfig, words: Sequence[str] = ()) -> "Config":
        """Return the config that a composed tree is.

        Args:
            tree: Without Hydra's own part; it is this config's from now on.
            words: That made it.

        Raises:
            Refused: If it cannot run.
        """
        check(tree)
        plain: Any = OmegaConf.to_container(tree, resolve=True)
        types = annotations(Root)
        knobs = {key: _read_knob(types[key], plain[key]) for key in types if key in plain}
        sections = {one.name: tree[one.name] for one in fields(Sections)}
        OmegaConf.set_readonly(tree, True)
        return cls(tree=tree, words=tuple(words), **knobs, **sections)

    @property
    def run_folder(self) -> Path:
        """Return where the run keeps its files, once that is named."""
        return Path(str(self.folder))

    def assign(self, values: Mapping[str, Any], words: Sequence[str] | None = None) -> "Config":
        """Return a copy with other values.

        Args:
            values: By dotted key.
            words: That make the copy; None: those of this one.

        Raises:
            Refused: If it cannot run so.

        Example:
            >>> from priced.compose import compose
            >>> config = compose("model=mlp")
            >>> config.assign({"seed": 3}).seed, config.seed
            (3, 0)
        """
        if not values and words is None:
            return self
        tree = self.tree.copy()
        OmegaConf.set_readonly(tree, False)
        for key, value in values.items():
            OmegaConf.update(tree, key, value, force_add=True, merge=False)
        return Config.of(tree, self.words if words is None else words)


def _read_knob(annotation: Any, value: Any) -> Any:
    """Return a plain value as what the schema has: sections typed, lists never changed."""
    section = find_section(annotation)
    if section is not None and value is not None:
        types = annotations(section)
        return section(**{key: _read_knob(types[key], own) for key, own in value.items()})
    return tuple(value) if isinstance(value, list) else value
