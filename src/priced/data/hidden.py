"""What lies in a folder beside what a person put there."""

from pathlib import Path


def is_hidden(file: Path, root: Path) -> bool:
    """Say whether a file below a root, or a folder on the way to it, is none to be looked at.

    Those are names that begin with a dot, AppleDouble's `._` files and `.ipynb_checkpoints` among
    them, and what archives and systems leave: `__MACOSX`, `Thumbs.db`, `desktop.ini`.
    """
    parts = file.relative_to(root).parts
    return any(part.startswith(".") or part in _LEFT_BEHIND for part in parts)


_LEFT_BEHIND = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}
