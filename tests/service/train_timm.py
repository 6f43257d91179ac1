"""The command line, where torchvision's operators cannot be loaded.

Its wheels on PyPI are for a torch with CUDA: beside another torch it does not even import, as it
describes operators that are not there. Here they are declared; no network of timm calls one.
"""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import torch

NAMED = re.compile(r'register_(?:fake|meta)\("(?:torchvision::)?(\w+)"')

if __name__ == "__main__":
    spec = find_spec("torchvision")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).with_name("_meta_registrations.py").read_text()
    operators = torch.library.Library("torchvision", "DEF")
    for name in sorted(set(NAMED.findall(source))):
        operators.define(f"{name}(Tensor x) -> Tensor")
    from priced.cli import main

    sys.exit(main(sys.argv[1:]))
