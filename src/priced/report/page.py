"""One page of HTML that needs nothing but itself: plotly is inside, every name is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs


@dataclass(frozen=True)
class Table:
    """A table of plain text.

    Attributes:
        columns: What they are called.
        rows: Their cells.
        numbers: Which columns hold numbers.
        code: Which columns hold commands or settings.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    code: Sequence[int] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page: a drawing, a table, or both.

    Attributes:
        title: Its heading.
        message: What it shows, in a sentence or two.
        figure: A plotly figure.
        table: What stands below it.
    """

    title: str
    message: str
    figure: Any = None
    table: Table | None = None


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes:
        title: Its heading.
        subtitle: What it was made from.
        sections: Its parts.
        tiles: (label, value) of the figures at the top.
        footer: How to read it.
    """

    title: str
    subtitle: str
    sections: Sequence[Section]
    tiles: Sequence[tuple[str, str]] = field(default_factory=list)
    footer: str = ""


def as_html(page: Page) -> str:
    """Return the page."""
    figures = [None if part.figure is None else part.figure.to_json() for part in page.sections]
    # `<` only ever stands in a string of this JSON: escaped there, no name can end the script.
    text = "[" + ",".join(figure or "null" for figure in figures) + "]"
    environment = Environment(
        loader=PackageLoader("priced.report", "."), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("page.html").render(
        title=page.title,
        subtitle=page.subtitle,
        tiles=page.tiles,
        sections=page.sections,
        footer=page.footer,
        figures=Markup(text.replace("<", "\\u003c")),
        plotly=Markup(get_plotlyjs()),
    )
