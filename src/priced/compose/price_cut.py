"""An experiment that holds techniques against each other: the runs that it takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from priced.price.design import plan_sets

SECTION = "price_cut"
BASELINE = "baseline"


def expand_cut(words: list[str], files: Sequence[Path]) -> list[str]:
    """Return a command line with the runs that its experiment's price cut asks for.

    Every seed goes through all sets of techniques before the next one does, so that what else the
    machine has to do falls on all of them.

    Args:
        words: The command line.
        files: Of the experiments that it names.

    Raises:
        ValueError: If the design is not known, or too large.
    """
    asked = [OmegaConf.select(OmegaConf.load(file), SECTION) for file in files if file.is_file()]
    if not any(one is not None for one in asked):
        return words
    cut: dict[str, Any] = dict(next(one for one in asked if one is not None))
    for word in words:
        key, _, value = word.partition("=")
        if key.startswith(f"{SECTION}."):
            cut[key.partition(".")[2]] = _parse(value)
    sets = plan_sets(cut["design"], list(cut["techniques"]))
    spelled = ",".join(f"[{','.join([BASELINE, *some])}]" for some in sets)
    added = [f"technique=choice({spelled})"]
    if not any(word.partition("=")[0] == "seed" for word in words):
        added.insert(0, f"seed={','.join(map(str, range(int(cut['seeds']))))}")
    return [*words, *added]


def _parse(value: str) -> Any:
    return OmegaConf.to_container(OmegaConf.from_dotlist([f"it={value}"]))["it"]  # type: ignore[call-overload,index]
