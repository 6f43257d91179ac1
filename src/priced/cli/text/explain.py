"""`--help` of one knob or of one option: what it is, what it may be, what it is now."""

from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.table import Table

from priced.check.docstring import read_documentation
from priced.check.option import list_options
from priced.check.schema import LISTS, SECTIONS, Root, Sections, annotations, find_section, helps
from priced.check.signature import signature
from priced.check.suggestion import suggest
from priced.check.target import spell
from priced.compose import Request
from priced.compose.words import key_of

_GROUPS = (*SECTIONS, "pruner", "sweep", "experiment", "technique", "space")


def find_asked(words: Sequence[str]) -> list[str]:
    """Return what the words beside `--help` ask about: keys, and options that are picked."""
    picked = [word for word in words if "=" in word and key_of(word) in SECTIONS]
    return [*filter(_is_key, words), *picked]


def _is_key(word: str) -> bool:
    """Say whether a word is a key alone: it gives no value, and takes nothing away."""
    return "=" not in word and not word.startswith("~")


def explain(request: Request, asked: Sequence[str], console: Console) -> None:
    """Print what is known of each key and option.

    Args:
        request: Whose options and values are shown.
        asked: Keys (`budget.usd`, `model`, `model.width`) and picks (`model=gpt`).
        console: Where to.

    Raises:
        HydraException: If the words do not compose.
        ValueError: If there is no such key.
    """
    words = [word for word in request.words if not _is_key(word)]
    tree = request.options.compose(request.primary, words)
    for key in asked:
        section, equals, _ = key.partition("=")
        if equals:
            _explain_picked(section, tree, request, console)
        elif key in _GROUPS:
            _list_group(key, request, console)
            if key in annotations(Root):
                _explain_key(key, tree, console)
        else:
            _explain_key(key, tree, console)


def _list_group(group: str, request: Request, console: Console) -> None:
    table = Table("option", "what it is", box=None, padding=(0, 1, 0, 0))
    for option in list_options(request.options.folders, group):
        table.add_row(f"{group}={option.name}", option.comment)
    if group in helps(Sections):
        console.print(f"{group}: {helps(Sections)[group]}", style="bold")
    console.print(table)


def _explain_picked(section: str, tree: DictConfig, request: Request, console: Console) -> None:
    """Print the options of a section that are picked, each with its arguments."""
    choice = tree.hydra.runtime.choices.get(section, "")
    comments = {one.name: one.comment for one in list_options(request.options.folders, section)}
    nodes = tree[section] if section in LISTS else {choice: tree[section]}
    for name, node in (nodes or {}).items():
        console.print(f"{section}={name}  {node._target_}", style="bold", soft_wrap=True)
        console.print(comments.get(str(name), ""))
        prefix = f"{section}.{name}" if section in LISTS else section
        _print_class(node, prefix, console)


def _print_class(node: DictConfig, prefix: str, console: Console) -> None:
    taken = signature(str(node._target_))
    known = read_documentation(str(node._target_))
    if known.summary:
        console.print(f"\n{known.summary}\n")
    if taken is None:
        return
    values: Any = OmegaConf.to_container(node, resolve=False)
    table = _table()
    for name, annotation in taken.annotations.items():
        if name in values or name in taken.defaults:
            value = values.get(name, taken.defaults.get(name))
            what = known.arguments.get(name, "")
            table.add_row(f"{prefix}.{name}", spell(annotation), _spell_value(value), what)
    console.print(table)


def _explain_key(key: str, tree: DictConfig, console: Console) -> None:
    section, _, name = key.partition(".")
    types = annotations(Root)
    if section in types:
        inner = find_section(types[section])
        if not name and inner is not None:
            return _print_knobs(section, inner, tree[section], console)
        owner = Root if not name else inner
        if owner is not None and (name or section) in annotations(owner):
            return _print_knob(key, owner, name or section, tree, console)
    if section in SECTIONS and name and section not in LISTS:
        return _explain_argument(key, tree[section], name, console)
    known = [*types, *_GROUPS]
    raise ValueError(f"{key} is no key of the config{suggest(section, known)}")


def _explain_argument(key: str, node: DictConfig, name: str, console: Console) -> None:
    taken = signature(str(node._target_))
    if taken is None or name not in taken.annotations:
        known = {} if taken is None else taken.annotations
        raise ValueError(f"{key}: {node._target_} takes no such argument{suggest(name, known)}")
    value = OmegaConf.to_container(node, resolve=False)
    assert isinstance(value, dict)
    shown = value.get(name, taken.defaults.get(name))
    console.print(f"{key}: {spell(taken.annotations[name])} = {_spell_value(shown)}", style="bold")
    console.print(read_documentation(str(node._target_)).arguments.get(name, ""))


def _print_knobs(section: str, owner: type, node: Mapping[str, Any], console: Console) -> None:
    console.print(f"{section}: {helps(Root)[section]}", style="bold")
    table = _table()
    for name, annotation in annotations(owner).items():
        value = _spell_value(None if node is None else node.get(name))
        table.add_row(f"{section}.{name}", spell(annotation), value, helps(owner)[name])
    console.print(table)


def _print_knob(key: str, owner: type, name: str, tree: DictConfig, console: Console) -> None:
    value = _spell_value(OmegaConf.select(tree, key))
    console.print(f"{key}: {spell(annotations(owner)[name])} = {value}", style="bold")
    console.print(helps(owner)[name])


def _table() -> Table:
    table = Table("setting", "type", "value", "what it is", box=None, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = True
    table.columns[0].overflow = "fold"
    return table


def _spell_value(value: Any) -> str:
    return "null" if value is None else str(value)
