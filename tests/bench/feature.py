"""Train what GANs on MNIST are measured by, and put it into the package.

    python tests/bench/feature.py [data.root=<folder of MNIST parquet files>]

Two networks of other seeds and sizes, by `experiment=mnist_feature`: the features of distributions,
and the independent classifier. Their weights are kept in half precision.
"""

import sys
from pathlib import Path

from safetensors.torch import load_file, save_file

from priced.cli import main
from priced.record.find import find_folder

PLACE = Path(__file__).parents[2] / "src" / "priced" / "model" / "weight"
NETWORKS = {
    "mnist": ("seed=0",),
    "mnist_judge": ("seed=1", "model.width=12", "max_epochs=2"),
}


def train(words: list[str]) -> None:
    """Train both, and write their files."""
    PLACE.mkdir(exist_ok=True)
    for name, own in NETWORKS.items():
        given = ["data.root=../shared/data/mnist", *own, *words]
        stages = "stages=[fit,test,export]"
        code = main(["train", "experiment=mnist_feature", stages, *given])
        if code:
            sys.exit(code)
        kept = load_file(find_folder("last", Path("logs")) / "export" / "model.safetensors")
        half = {k: v.half() if v.is_floating_point() else v for k, v in kept.items()}
        save_file(half, PLACE / f"{name}.safetensors")


if __name__ == "__main__":
    train(sys.argv[1:])
