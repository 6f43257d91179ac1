"""Where the config tree is."""

from pathlib import Path

import priced


def conf_dir() -> Path:
    """Return the folder of the config tree: in the installed package, or beside its checkout."""
    package = Path(priced.__file__).parent
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent.parent / "conf"
