"""What a class or function takes, read from its source."""

import ast
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from priced.check.source import Found, bases, find


class _Object:
    """Stands for a class whose objects no YAML can spell."""


_KNOWN: dict[str, object] = {
    **{name: getattr(typing, name) for name in ("Any", "Literal", "Optional", "Union")},
    **{kind.__name__: kind for kind in (bool, int, float, str, list, dict, tuple, set, bytes)},
    "Callable": Callable,
    "Iterable": Iterable,
    "Mapping": Mapping,
    "Sequence": Sequence,
    "Path": str,
    "None": None,
    "Tensor": _Object,
}


class _Names(dict[str, object]):
    """Names that an annotation may use; one we cannot judge allows anything."""

    def __missing__(self, key: str) -> object:
        return typing.Any


@dataclass(frozen=True)
class Signature:
    """What a call takes.

    Attributes:
        annotations: The type of each argument that can be given by name; Any where unsaid.
        required: Those without a default, in order.
        open: Whether it takes arguments of any other name too.
        defaults: The value of each argument that has one, where it is a literal.
    """

    annotations: dict[str, object]
    required: tuple[str, ...]
    open: bool
    defaults: dict[str, object]


def signature(dotted: str) -> Signature | None:
    """Return what a dotted name takes when called, or None if no source says so."""
    found = find(dotted)
    return None if found is None else _of(found)


def _of(found: Found) -> Signature | None:
    if isinstance(found.node, ast.FunctionDef):
        return _of_function(found.node, skip=0)
    made = [n for n in found.node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    if made:
        own = _of_function(made[-1], skip=1)  # the ones before are overloads
        return _inherit(own, made[-1], found)
    if any("dataclass" in ast.unparse(d) for d in found.node.decorator_list):
        return _of_dataclass(found.node)
    inherited = (_of(base) for base in bases(found))
    return next((taken for taken in inherited if taken is not None), None)


def _inherit(own: Signature, init: ast.FunctionDef, found: Found) -> Signature:
    """Add what a constructor hands on to its base's: the call `super().__init__(..., **others)`."""
    call = next((one for one in ast.walk(init) if _hands_on(one, init)), None)
    inherited = (_of(base) for base in bases(found))
    taken = next((one for one in inherited if one is not None), None)
    if not isinstance(call, ast.Call) or taken is None or call.args:
        return own
    given = {one.arg for one in call.keywords} | {*own.annotations}
    left = {name: kind for name, kind in taken.annotations.items() if name not in given}
    return Signature(
        own.annotations | left,
        (*own.required, *(name for name in taken.required if name in left)),
        taken.open,
        own.defaults | {name: one for name, one in taken.defaults.items() if name in left},
    )


def _hands_on(node: ast.AST, init: ast.FunctionDef) -> bool:
    """Say whether a node is the call of the base's constructor with all other arguments."""
    if not isinstance(node, ast.Call) or init.args.kwarg is None:
        return False
    rest = [one.value for one in node.keywords if one.arg is None]
    named = any(isinstance(one, ast.Name) and one.id == init.args.kwarg.arg for one in rest)
    return named and ast.unparse(node.func) == "super().__init__"


def _of_function(node: ast.FunctionDef, skip: int) -> Signature:
    positional = [*node.args.posonlyargs, *node.args.args][skip:]
    without_default = len(positional) - len(node.args.defaults)
    named = list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
    optional = zip(positional[max(0, without_default) :], node.args.defaults, strict=False)
    required = [a.arg for a in positional[: max(0, without_default)]]
    required += [a.arg for a, default in named if default is None]
    return Signature(
        {a.arg: _annotation(a.annotation) for a in [*positional, *node.args.kwonlyargs]},
        tuple(required),
        node.args.kwarg is not None,
        _literals([*((a.arg, value) for a, value in optional), *((a.arg, v) for a, v in named)]),
    )


def _of_dataclass(node: ast.ClassDef) -> Signature:
    own = [n for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
    names = {ast.unparse(n.target): _annotation(n.annotation) for n in own}
    required = tuple(ast.unparse(n.target) for n in own if n.value is None)
    defaults = _literals([(ast.unparse(n.target), n.value) for n in own])
    return Signature(names, required, open=False, defaults=defaults)


def _literals(given: Iterable[tuple[str, ast.expr | None]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in given:
        with suppress(ValueError):  # computed: not known until it is imported
            if value is not None:
                found[name] = ast.literal_eval(value)
    return found


def _annotation(node: ast.expr | None) -> object:
    if node is None:
        return typing.Any
    try:
        return eval(ast.unparse(node), {"__builtins__": {}}, _Names(_KNOWN))
    except (TypeError, AttributeError, NameError, SyntaxError):  # spelled in a way we cannot judge
        return typing.Any
