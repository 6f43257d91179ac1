"""The schema of a config in JSON's terms, for editors.

A file of an experiment or of an option sets a part of a config: nothing is required but the class
of a node that has all of its arguments. Any value may be an interpolation, or be left open.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from priced.check.docstring import read_documentation
from priced.check.option import list_options
from priced.check.schema import LISTS, SECTIONS, Root, annotations, find_section, helps
from priced.check.signature import signature

_OPEN = {"type": "string", "pattern": r"\$\{|^\?\?\?$"}
"""An interpolation, or a value that is still to be given."""
_OURS = {
    "model": {
        "pretrained": "A run, a file of weights or a model of the hub to start from.",
        "strict": "Whether all of its tensors must match.",
        "lora": "Adapters on it: rank, alpha, dropout.",
    }
}
"""Keys of a section that are no arguments of its class."""


def config_schema(folders: Sequence[Path]) -> dict[str, Any]:
    """Return a JSON schema (draft 2020-12) of a whole config, or of a file that sets a part of it.

    Args:
        folders: Where the options are whose classes it knows; a class of the user's own is open.
    """
    knobs = {
        key: _describe(_knob(annotation), helps(Root)[key])
        for key, annotation in annotations(Root).items()
    }
    classes = _list_classes(folders)
    sections = {key: _section(key, classes.get(key, set())) for key in (*SECTIONS, "pruner")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A config of priced",
        "type": "object",
        "properties": {
            **knobs,
            **sections,
            "defaults": {"type": "array", "description": "Options to pick, in Hydra's words."},
            "hydra": {"type": "object", "description": "Hydra's own part."},
        },
        "additionalProperties": False,
    }


def _list_classes(folders: Sequence[Path]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for option in list_options(folders):
        for section, node in option.list_nodes():
            found.setdefault(section, set()).add(str(node["_target_"]))
    return found


def _section(section: str, classes: Iterable[str]) -> dict[str, Any]:
    known = sorted(classes)
    one_of = [_class(section, target) for target in known]
    part = {
        "type": ["object", "null"],
        "description": "Some arguments of the class that is picked.",
        "not": {"required": ["_target_"]},
    }
    own = {
        "type": "object",
        "required": ["_target_"],
        "properties": {"_target_": {"type": "string", "not": {"enum": known}}},
        "description": "A class of your own: --allow <package>.",
    }
    node = {"anyOf": [*one_of, part, own, _OPEN]}
    if section not in LISTS:
        return node
    return {"type": ["object", "null"], "additionalProperties": node}


def _class(section: str, target: str) -> dict[str, Any]:
    taken, documentation = signature(target), read_documentation(target)
    arguments: dict[str, Any] = {} if taken is None else dict(taken.annotations)
    properties = {
        name: _describe(_value(annotation), documentation.arguments.get(name, ""))
        for name, annotation in arguments.items()
    }
    properties |= {name: {"description": text} for name, text in _OURS.get(section, {}).items()}
    hydra = {"_partial_": {"type": "boolean"}, "_convert_": {"type": "string"}}
    return {
        "type": "object",
        "title": target.rpartition(".")[2],
        "description": documentation.summary,
        "required": ["_target_"],
        "properties": {"_target_": {"const": target}, **hydra, **properties},
        "additionalProperties": taken is None or taken.open,
    }


def _knob(annotation: Any) -> dict[str, Any]:
    section = find_section(annotation)
    if section is None:
        return _value(annotation)
    properties = {
        key: _describe(_value(one), helps(section)[key])
        for key, one in annotations(section).items()
    }
    node = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"anyOf": [node, {"type": "null"}, _OPEN]}


def _value(annotation: Any) -> dict[str, Any]:
    try:
        (schema,), _ = msgspec.json.schema_components([annotation])
    except (TypeError, RuntimeError):  # a type that JSON cannot spell
        return {}
    return {} if not schema else {"anyOf": [schema, _OPEN]}


def _describe(schema: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {**schema, "description": text} if text else dict(schema)
