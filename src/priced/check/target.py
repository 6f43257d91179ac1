"""Which `_target_` a config may call, and with what.

The list names classes one by one, see `allowed.py`. A user who trusts a package of their own says
so outside any config: `priced train --allow mypackage` or `PRICED_ALLOW`.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_origin

from typeguard import CollectionCheckStrategy, TypeCheckError, check_type

from priced.check.allowed import ALLOWED
from priced.check.signature import signature
from priced.check.source import Found, find, names_in
from priced.check.suggestion import suggest

ALLOW_VARIABLE = "PRICED_ALLOW"

_HYDRA_KEYS = ("_target_", "_partial_", "_convert_", "_recursive_", "_args_")
_PASSES_ON = {  # arguments of any name, to another class
    "lightning.pytorch.loggers.TensorBoardLogger": "torch.utils.tensorboard.writer.SummaryWriter",
}
_BUILT_LATER = {  # what build.py hands over itself
    "task": ("model", "optimizer", "schedule"),
    "optimizer": ("params",),
}


_TAKEN_FIRST: dict[str, dict[str, Any]] = {  # what build.py takes for itself
    "model": {"pretrained": str | None, "strict": bool, "lora": dict[str, Any] | None},
}


def whitelist() -> tuple[str, ...]:
    """Return what `instantiate` may call: ours, name by name, and packages that a user trusts."""
    return (*sorted(ALLOWED), *_list_trusted())


def _list_trusted() -> tuple[str, ...]:
    """Return the patterns of packages that the user trusts, said outside of any config."""
    named = os.environ.get(ALLOW_VARIABLE, "").replace(",", " ").split()
    return tuple(name if name.endswith(".*") else f"{name}.*" for name in named)


def find_own_modules() -> None:
    """Let a user's own module be found where the command is run, if one is trusted."""
    if os.environ.get(ALLOW_VARIABLE) and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())


def check_targets(cfg: dict[str, Any], pending: frozenset[str]) -> None:
    """Hold every `_target_` of a resolved config against the whitelist and its signature.

    Args:
        cfg: Plain data, interpolations resolved.
        pending: Dotted keys whose value is known only once the data is read.

    Raises:
        ValueError: If a target is not allowed or not found, an argument is unknown, missing or of
            the wrong type.
    """
    for key, node in list_nodes(cfg):
        _check_allowed(key, node["_target_"])
        _check_arguments(key, node, pending)


def list_nodes(value: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each node that names a class, outer ones first, with its dotted key."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, dict) and "_target_" in value:
        yield key, value
    for name, inner in items:
        if isinstance(inner, dict | list):
            yield from list_nodes(inner, f"{key}.{name}" if key else str(name))


def _check_allowed(key: str, target: object) -> None:
    if isinstance(target, str) and target in ALLOWED:
        return
    if not isinstance(target, str) or not any(_matches(target, one) for one in _list_trusted()):
        package = str(target).partition(".")[0]
        hint = suggest(str(target), ALLOWED) if package == "priced" else ""
        hint = hint or f"; if you trust it: --allow {package}"
        raise ValueError(f"{key}._target_ must be on the whitelist, got {target}{hint}")
    found = find(target)
    if found is None:
        hint = suggest(target.rpartition(".")[2], names_in(target))
        raise ValueError(f"{key}._target_ must name a class or function, found no {target}{hint}")
    home = f"{found.module}.{found.node.name}"
    if not any(_matches(home, one) for one in _list_trusted()):
        raise ValueError(f"{key}._target_ must be on the whitelist, got {target}, which is {home}")
    if not _is_public(target, found):
        raise ValueError(f"{key}._target_ must name a public class on the whitelist, got {target}")


def _is_public(target: str, found: Found) -> bool:
    """Say whether a name is a public one; ours must be classes: no function, no method of one."""
    hidden = any(part.startswith("_") for part in target.split("."))
    inside = not isinstance(found.node, ast.ClassDef) and (
        found.module.partition(".")[0] == "priced" or target.split(".")[-2][:1].isupper()
    )
    return not hidden and not inside


def _matches(target: str, pattern: str) -> bool:
    return target.startswith(pattern[:-1])


def _check_arguments(key: str, node: dict[str, Any], pending: frozenset[str]) -> None:
    target = node["_target_"]
    name = target.rpartition(".")[2]
    taken = signature(target)
    if taken is None:
        return
    given = {k: v for k, v in node.items() if k not in _HYDRA_KEYS}
    own = _TAKEN_FIRST.get(key, {})
    for argument in [name for name in given if name in own and name not in taken.annotations]:
        check_value(f"{key}.{argument}", given.pop(argument), own[argument])
    passed_on = signature(_PASSES_ON[target]) if target in _PASSES_ON else None
    if passed_on is not None:
        known = {**passed_on.annotations, **taken.annotations}
        taken = replace(taken, annotations=known, open=False)
    for argument, value in given.items():
        if argument not in taken.annotations and not taken.open:
            hint = (
                suggest(argument, taken.annotations) or f"; it takes {', '.join(taken.annotations)}"
            )
            raise ValueError(f"{key}.{argument}: {name} takes no such argument{hint}")
        if f"{key}.{argument}" not in pending:
            check_value(f"{key}.{argument}", value, taken.annotations.get(argument, Any))
    supplied = {*given, *_BUILT_LATER.get(key, ())}
    by_position = len(node.get("_args_", ()))
    if missing := [a for a in taken.required[by_position:] if a not in supplied]:
        raise ValueError(f"{key}: {name} needs {', '.join(missing)}")


def check_value(key: str, value: object, annotation: Any) -> None:
    """Hold a value of the config against a type.

    Raises:
        ValueError: If it is of another type.
    """
    if isinstance(value, dict) and "_target_" in value:
        return  # the object that it becomes is not here yet
    if isinstance(value, list) and get_origin(annotation) is tuple:
        value = tuple(value)  # YAML has lists alone
    try:
        check_type(value, annotation, collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS)
        wrong = isinstance(value, bool) and annotation in (int, float)
    except TypeCheckError:
        wrong = True
    if wrong:
        raise ValueError(f"{key} must be {spell(annotation)}, got {value!r}")


def spell(annotation: Any) -> str:
    """Return a type as a person reads it."""
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = re.sub(r"tuple\[(\w+), \.\.\.\]", r"list[\1]", text)  # as YAML has it
    for long in ("typing.", "collections.abc.", "pathlib.", "priced.check.signature."):
        text = text.replace(long, "")
    return text.replace(" | _Object", "").replace("NoneType", "None")
