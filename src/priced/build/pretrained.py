"""Weights of one network in another."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from priced.callback.checkpoint import BEST, LAST
from priced.callback.checkpoint_io import intact
from priced.compose.config import Config
from priced.data.tokenizer import KINDS
from priced.model.library import library
from priced.record.find import NEWEST, find_folder
from priced.record.folder import CONFIG

log = logging.getLogger(__name__)

_OF_TASK = "model."
"""What a checkpoint's names of the network's tensors begin with."""
_SHOWN = 6


@dataclass(frozen=True)
class Taken:
    """What of some weights a network took.

    Attributes:
        matched: The names of the tensors.
        left: Of each other tensor, why not.
    """

    matched: list[str]
    left: dict[str, str]

    def __str__(self) -> str:
        """Say how much matched, and what did not and why."""
        whole = f"{len(self.matched)} of {len(self.matched) + len(self.left)} tensors matched"
        reasons = [f"{name} {why}" for name, why in list(self.left.items())[:_SHOWN]]
        more = [f"{len(self.left) - _SHOWN} more"] if len(self.left) > _SHOWN else []
        return whole + (f"; left: {', '.join([*reasons, *more])}" if reasons else "")


def take_pretrained(model: nn.Module, source: str, strict: bool) -> Taken:
    """Put weights into a network, by the names and the shapes of its tensors.

    Args:
        model: Takes them.
        source: A run's folder, a file (.ckpt, .pt or .safetensors), or a model on the Hugging Face
            hub: as `resolve_references` leaves it.
        strict: Whether all tensors must match; else those that do are taken.

    Returns:
        What was taken.

    Raises:
        ValueError: If there are no such weights, or they do not match.
    """
    kept = _read(_file(source))
    own = model.state_dict()
    left = {name: _why(name, own, kept) for name in sorted({*own, *kept})}
    alike = {one.data_ptr() for name, one in own.items() if not left.get(name)}
    left = {
        name: why
        for name, why in left.items()
        # A tied tensor has two names, and files hold it once.
        if why and not (name not in kept and own[name].data_ptr() in alike)
    }
    taken = Taken([name for name in own if name not in left], left)
    if not taken.matched or (strict and left):
        hint = "" if not taken.matched else "; model.strict=false takes what matches"
        raise ValueError(f"model.pretrained={source} is of another network: {taken}{hint}")
    matched = {name: kept[name] for name in taken.matched if name in kept}
    model.load_state_dict(matched, strict=False)
    log.warning("model.pretrained: %s", taken)
    return taken


def refer_to(source: str, logs: Path) -> str:
    """Return where weights are, by a name that means the same tomorrow: `last` does not.

    Args:
        source: What `take_pretrained` takes, or a run's id, or `last`.
        logs: Where runs are kept.
    """
    if Path(source).exists():
        return str(Path(source).resolve())
    if "/" in source:
        return source
    try:
        return str(find_folder(source, logs).resolve())
    except ValueError:
        if source == NEWEST:
            raise
        return source  # some models of the hub have no owner in their name


def resolve_references(config: Config) -> Config:
    """Name for good what a config takes of other runs: each member of it is a newer run itself."""
    logs = Path(config.logs)
    named = {"model.pretrained": config.model.get("pretrained")}
    tokenizer = config.data.get("tokenizer")
    if tokenizer not in KINDS:
        named["data.tokenizer"] = tokenizer
    found = {key: refer_to(one, logs) for key, one in named.items() if one is not None}
    return config.assign(found)


def _file(source: str) -> Path:
    place = Path(source)
    if place.is_file():
        return place
    if (place / CONFIG).is_file():
        found = intact(place / "checkpoints" / BEST) or intact(place / "checkpoints" / LAST)
        if found is None:
            raise ValueError(f"{place} must hold an undamaged checkpoint, found none")
        return found
    try:
        return Path(library("huggingface_hub", "text", "hf_hub_download")(source, _HUB_FILE))
    except Exception as error:  # the library raises whatever its transports raise
        raise ValueError(
            "model.pretrained must be a run, a file of weights or a model on the hub, got "
            f"{source} ({' '.join(str(error).split())[:120]})"
        ) from error


_HUB_FILE = "model.safetensors"


def _read(file: Path) -> dict[str, Tensor]:
    if file.suffix == ".safetensors":
        kept: dict[str, Tensor] = load_file(file)
        return kept
    try:
        read: Any = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever is no file of weights
        raise ValueError(f"{file} must be a file of weights: {str(error)[:120]}") from error
    state = read.get("state_dict", read) if isinstance(read, Mapping) else None
    if state is None or not all(isinstance(one, Tensor) for one in state.values()):
        raise ValueError(f"{file} must hold tensors by name")
    # A task's own tensors (the mean of its targets) are none of the network's.
    network = {k.removeprefix(_OF_TASK): v for k, v in state.items() if k.startswith(_OF_TASK)}
    return network if "state_dict" in read else dict(state)


def _why(name: str, own: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> str:
    if name not in kept:
        return f"{list(own[name].shape)} is not there"
    if name not in own:
        return f"{list(kept[name].shape)} is not here"
    if own[name].shape != kept[name].shape:
        return f"is {list(kept[name].shape)} there, {list(own[name].shape)} here"
    return ""
