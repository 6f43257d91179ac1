"""A text that every machine has: the source of Python's own standard library."""

import sysconfig
from pathlib import Path

from priced.data.document import Document
from priced.data.running import Running

_NOT_SOURCE = {"site-packages", "dist-packages", "test", "tests", "idle_test", "__pycache__"}


class Stdlib(Running):
    """The modules of Python's standard library, without its tests; split by file.

    Which modules there are, and so the scores, depend on the Python that runs. See `Corpus` for
    the arguments.
    """

    def open(self) -> list[Document]:
        """Read all modules."""
        return [Document(name, text) for name, text in modules()]


def modules(*families: str) -> list[tuple[str, str]]:
    """Return the path, below the library, and the text of each module, in the order of the paths.

    Args:
        families: Packages or single modules at the top; none: all.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(
        file
        for file in root.rglob("*.py")
        if not _NOT_SOURCE & set(file.relative_to(root).parts)
        and (not families or file.relative_to(root).parts[0].removesuffix(".py") in families)
    )
    if not files:
        raise ValueError(f"Python's standard library must be there as source, found none in {root}")
    return [(f.relative_to(root).as_posix(), f.read_text("utf-8", "replace")) for f in files]
