"""What a class says of itself and of its arguments, read from its source."""

import ast
import logging
from dataclasses import dataclass, field

from griffe import Docstring, DocstringSectionKind, Parser

from priced.check.source import Found, bases, find


@dataclass(frozen=True)
class Documentation:
    """What a class says of itself.

    Attributes:
        summary: Its first paragraphs, without sections.
        arguments: What each argument is, by name; those of its bases too.
    """

    summary: str = ""
    arguments: dict[str, str] = field(default_factory=dict)


def read_documentation(dotted: str) -> Documentation:
    """Return what a dotted name says of itself; nothing if no source says so.

    Example:
        >>> read_documentation("priced.schedule.cosine.Cosine").summary.splitlines()[0]
        "Fall from the optimizer's learning rate to a floor, slowly at both ends."
    """
    found = find(dotted)
    return Documentation() if found is None else _read(found)


def _read(found: Found) -> Documentation:
    summary, arguments = "", dict[str, str]()
    for text in _list_docstrings(found):
        for section in Docstring(text, parser=Parser.google).parsed:
            if section.kind is DocstringSectionKind.text and not summary:
                paragraphs = str(section.value).strip().split("\n\n")
                summary = "\n\n".join(" ".join(one.split()) for one in paragraphs)
            elif section.kind is DocstringSectionKind.parameters:
                known = {one.name: " ".join(one.description.split()) for one in section.value}
                arguments = known | arguments
    for base in bases(found):
        arguments = _read(base).arguments | arguments
    return Documentation(summary, arguments)


def _list_docstrings(found: Found) -> list[str]:
    """Return the docstring of a class or function, and that of its constructor."""
    nodes: list[ast.ClassDef | ast.FunctionDef] = [found.node]
    if isinstance(found.node, ast.ClassDef):
        inside = (one for one in found.node.body if isinstance(one, ast.FunctionDef))
        nodes += [one for one in inside if one.name == "__init__"]
    return [text for node in nodes if (text := ast.get_docstring(node))]


logging.getLogger("griffe").setLevel(logging.ERROR)  # what libraries' docstrings lack is theirs
