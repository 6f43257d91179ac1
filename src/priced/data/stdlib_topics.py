"""Which family of modules a piece of Python's standard library comes from."""

from priced.data.document import Document
from priced.data.snippet import Snippets
from priced.data.stdlib import modules

FAMILIES = {
    "asyncio": ("asyncio",),
    "email": ("email",),
    "import": ("importlib", "pkgutil", "zipimport", "modulefinder", "runpy"),
    "markup": ("xml", "html", "xmlrpc"),
    "processes": ("multiprocessing", "concurrent", "threading", "subprocess", "queue"),
    "testing": ("unittest", "doctest"),
    "web": ("http", "urllib", "wsgiref", "socketserver", "ssl"),
}
"""What every Python from 3.11 on has."""


class StdlibTopics(Snippets):
    """Stretches of the source of seven families of modules, by family; split by file.

    Which modules there are, and so the scores, depend on the Python that runs. See `Corpus` for
    the arguments.
    """

    MOST = 64

    def open(self) -> list[Document]:
        """Read the modules of each family."""
        self.class_names = list(FAMILIES)
        return [
            Document(name, text, label)
            for label, families in enumerate(FAMILIES.values())
            for name, text in modules(*families)
        ]
