"""The options of the config tree, as their files say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from priced.check.schema import LISTS, SECTIONS

_GLOBAL = "@package _global_"


@dataclass(frozen=True)
class Option:
    """One file of a group.

    Attributes:
        group: The group, such as model.
        name: The option's, such as mlp.
        comment: What it says of itself in its first lines.
        content: What it sets, by section.
    """

    group: str
    name: str
    comment: str
    content: dict[str, Any]

    def list_nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each section's node that names a class; a list has several."""
        for section in (*SECTIONS, "pruner"):
            node = self.content.get(section)
            found = node.values() if isinstance(node, dict) and section in LISTS else [node]
            for one in found:
                if isinstance(one, dict) and "_target_" in one:
                    yield section, one


def list_options(folders: Sequence[Path], group: str = "*") -> list[Option]:
    """Return the options of some folders, by group and name; a later folder's hides an earlier's.

    Args:
        folders: Where groups of options are.
        group: One of them alone.
    """
    files = {
        (file.parent.name, file.stem): file
        for folder in folders
        for file in sorted(folder.glob(f"{group}/*.yaml"))
    }
    return [_read(file) for _, file in sorted(files.items())]


def _read(file: Path) -> Option:
    text = file.read_text(encoding="utf-8")
    content = yaml.safe_load(text) or {}
    content.pop("defaults", None)
    lines = list(takewhile(lambda line: line.startswith("#"), text.splitlines()))
    comments = [line.removeprefix("#").strip() for line in lines if "@package" not in line]
    group = file.parent.name
    wrapped = content if _GLOBAL in text.partition("\n")[0] else {group: content}
    return Option(group, file.stem, " ".join(comments), wrapped)
