"""Make an environment that has this one's libraries, and others that do not go into it.

ray wants another cloudpickle; timm wants a torchvision, whose wheels are for a torch with CUDA.
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path


def create(folder: Path, *more: Path) -> None:
    """Create an environment that has the libraries of this one, and more folders on its path.

    A line of a .pth file puts a folder on the path, but runs no .pth file in it: what is installed
    here in place stays out.
    """
    venv.create(folder)
    site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    lines = [sysconfig.get_path("purelib"), *map(str, more)]
    (site / "libraries.pth").write_text("\n".join(lines) + "\n")


def install(folder: Path, *words: str | Path) -> None:
    """Install packages into an environment, by the pip of this one."""
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "-q"]
    subprocess.run([*pip, *words], check=True)


if __name__ == "__main__":
    own = Path(sys.argv[1])
    create(own, Path(__file__).resolve().parents[2] / "src")
    install(own, *sys.argv[2:])
