"""Find a class or function by its dotted name in source files, without importing anything.

A config is checked before torch is loaded, and a `_target_` from a stranger's config is looked at
before any of its code runs.
"""

import ast
import importlib.machinery
import importlib.util
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

Definition: TypeAlias = ast.ClassDef | ast.FunctionDef


@dataclass(frozen=True)
class Found:
    """A definition and the module that it stands in.

    Attributes:
        module: The dotted name of the module that defines it, re-exports followed.
        node: Its syntax tree.
    """

    module: str
    node: Definition


def find(dotted: str) -> Found | None:
    """Return what a dotted name leads to, or None if no source says so.

    Re-exports (`from .adamw import AdamW`) are followed to the definition.
    """
    module, names = _split_dotted(dotted)
    if not module or not names:
        return None
    found = _find_in(module, names[0])
    for name in names[1:]:
        if found is None or not isinstance(found.node, ast.ClassDef):
            return None
        inner = [n for n in found.node.body if isinstance(n, Definition) and n.name == name]
        found = Found(found.module, inner[-1]) if inner else None
    return found


def names_in(dotted: str) -> list[str]:
    """Return the public names that the module above a dotted name holds, for a near miss."""
    module, _ = _split_dotted(dotted)
    return [name for name in _names(module) if not name.startswith("_")] if module else []


def bases(found: Found) -> list[Found]:
    """Return the classes that a class inherits from directly, as far as sources tell."""
    if not isinstance(found.node, ast.ClassDef):
        return []
    named = [ast.unparse(base) for base in found.node.bases]
    candidates = [_find_in(found.module, name) for name in named if name.isidentifier()]
    return [candidate for candidate in candidates if candidate is not None]


def literal(found: Found, name: str) -> object:
    """Return a class attribute written as a literal, inherited ones included, or None."""
    if not isinstance(found.node, ast.ClassDef):
        return None
    for node in found.node.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id == name for t in targets):
            with suppress(ValueError):  # computed: known only once it is imported
                value: object = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                return value
    return next((v for base in bases(found) if (v := literal(base, name)) is not None), None)


def find_literal(dotted: str, name: str) -> object:
    """Return a literal that the class of a dotted name states or inherits, or None."""
    found = find(dotted)
    return None if found is None else literal(found, name)


def _split_dotted(dotted: str) -> tuple[str, list[str]]:
    """Part a dotted name into the module it starts with and the names behind."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        if _file(module) is not None:
            return module, parts[end:]
    return "", parts


@cache
def _file(module: str) -> Path | None:
    """Return a module's source file; the packages above it are not imported."""
    spec = _spec(module)
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin and origin.endswith(".py") else None


@cache
def _spec(module: str) -> importlib.machinery.ModuleSpec | None:
    parent, _, _ = module.rpartition(".")
    if not parent:
        return _top_spec(module)
    above = _spec(parent)
    if above is None or above.submodule_search_locations is None:
        return None
    return importlib.machinery.PathFinder.find_spec(module, list(above.submodule_search_locations))


def _top_spec(module: str) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.util.find_spec(module) if module.isidentifier() else None
    except ValueError:  # `__main__` has none
        return None


@cache
def _body(module: str) -> tuple[ast.stmt, ...]:
    """Return the statements of a module."""
    file = _file(module)
    return () if file is None else tuple(ast.parse(file.read_bytes()).body)


@cache
def _names(module: str) -> dict[str, ast.stmt]:
    """Return a module's top-level names, those under `if` and `try` too."""
    found: dict[str, ast.stmt] = {}
    pending = list(_body(module))
    while pending:
        node = pending.pop(0)
        if isinstance(node, Definition):
            found[node.name] = node
        elif isinstance(node, ast.ImportFrom):
            found.update({alias.asname or alias.name: node for alias in node.names})
        elif isinstance(node, ast.If | ast.Try):
            pending[:0] = [*node.body, *node.orelse]
    return found


def _find_in(module: str, name: str) -> Found | None:
    node = _names(module).get(name)
    if isinstance(node, Definition):
        return Found(module, node)
    if node is None:
        everything = (find(f"{source}.{name}") for source in _star_imports(module))
        return next((found for found in everything if found is not None), None)
    if isinstance(node, ast.ImportFrom):
        original = next(a.name for a in node.names if (a.asname or a.name) == name)
        return find(f"{_absolute(module, node)}.{original}")
    return None


def _star_imports(module: str) -> list[str]:
    """Return the modules that a module imports everything from."""
    return [
        _absolute(module, node)
        for node in _body(module)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]


def _absolute(module: str, node: ast.ImportFrom) -> str:
    """Return the module that a `from … import` names, dots resolved."""
    if not node.level:
        return node.module or ""
    spec = _spec(module)
    package = module if spec and spec.submodule_search_locations else module.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package
