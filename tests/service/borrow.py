"""Make an environment that has this one's libraries, and others that do not go into it.

ray wants another cloudpickle; timm wants a torchvision, whose wheels are for a torch with CUDA.
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path


def main(folder: Path, packages: list[str]) -> None:
    """Create the environment, and install packages into it."""
    venv.create(folder, with_pip=True)
    site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    source = Path(__file__).resolve().parents[2] / "src"
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n{source}\n")
    subprocess.run([folder / "bin/pip", "install", "-q", *packages], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
