"""Hold quotes to the runs that follow, over settings that change what is counted.

    make bench-quote

Each setting is quoted and run five times, in turn with the others; the error is the median of the
five, of the wall seconds of a whole run without the quote's own.
"""

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.data.pictures import write_digits
from tests.model.gans import SMALL

from priced.compose import compose
from priced.run.run import run

ROUNDS, BOUND = 5, 0.15
MLP = ("model.width=256", "data.batch_size=16", "max_epochs=30")
GAN = ("model=stylegan", *SMALL["stylegan"], "data.root=hub", "data.batch_size=16", "max_epochs=3")
SETTINGS = {
    "plain": MLP,
    "accumulation": (*MLP, "trainer.accumulate_grad_batches=4"),
    "limited": (*MLP, "trainer.limit_train_batches=0.5"),
    "accumulation, limited": (
        *MLP, "trainer.accumulate_grad_batches=4", "trainer.limit_train_batches=40",
    ),
    "validation in the middle": (*MLP, "trainer.val_check_interval=0.25"),
    "resnet": ("model=resnet18", "model.width=16", "data.batch_size=64", "max_epochs=2"),
    "gan": GAN,
    "gan, limited": (*GAN, "trainer.limit_train_batches=6"),
}  # fmt: skip


def error_of(words: tuple[str, ...], folder: str) -> float:
    """Return by what part a quote is above (or, negative, below) the run that followed it."""
    quiet = ("logger=none", "callback=[checkpoint]", f"logs={folder}/logs", "target.rungs=[1000]")
    entry = run(compose(*words, *quiet, "stages=[quote,fit,test]"))
    took = entry.seconds - entry.usage.seconds_by_phase["quote"]
    return float(entry.quote.seconds / took - 1)


def main(receipt: Path) -> int:
    """Print the table, keep it, and say whether the bound holds."""
    errors: dict[str, list[float]] = {name: [] for name in SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        write_digits(Path(folder) / "hub", "train", 0, 1280)
        write_digits(Path(folder) / "hub", "test", 1280, 320)
        for _ in range(ROUNDS):
            for name, words in SETTINGS.items():
                own = tuple(word.replace("root=hub", f"root={folder}/hub") for word in words)
                errors[name].append(error_of(own, folder))
    table = {
        name: {"median": median(own), "low": min(own), "high": max(own)}
        for name, own in errors.items()
    }
    for name, row in table.items():
        print(f"{name:28}{row['median']:+7.1%}   {row['low']:+.1%} to {row['high']:+.1%}")
    receipt.write_text(json.dumps(table, indent=1) + "\n")
    return int(any(abs(row["median"]) > BOUND for row in table.values()))


if __name__ == "__main__":
    sys.exit(main(Path("docs/receipt/quote.json")))
