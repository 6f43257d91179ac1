"""Weights of one network in another, and small adapters on large ones."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig
from safetensors.torch import load_file
from torch import Tensor, nn

from priced.callback.checkpoint import BEST, LAST
from priced.callback.checkpoint_io import intact
from priced.data.tokenizer import KINDS
from priced.model.library import library
from priced.record.folder import CONFIG, NEWEST, find_folder

log = logging.getLogger(__name__)

_OF_TASK = "model."
"""What a checkpoint's names of the network's tensors begin with."""
_HEADS = {"head", "classifier", "score", "lm_head"}
"""What the last layer is called, here and in the models of the hub."""
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
            hub: as `settle` leaves it.
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


def resolve_references(cfg: DictConfig) -> None:
    """Name for good what a config takes of other runs: each member of it is a newer run itself."""
    logs = Path(cfg.logs)
    if cfg.model.get("pretrained") is not None:
        cfg.model.pretrained = refer_to(cfg.model.pretrained, logs)
    named = cfg.data.get("tokenizer")
    if named is not None and named not in KINDS:
        cfg.data.tokenizer = refer_to(named, logs)


def add_adapters(model: nn.Module, rank: int, alpha: float = 16.0, dropout: float = 0.0) -> None:
    """Freeze a network but for its head, and add a low-rank adapter to each linear layer below.

    A model of the hub says in `new_layers` which of its layers no weights were there for.

    Args:
        model: Gets them.
        rank: Of each adapter.
        alpha: What the adapters' sum is scaled by, over the rank.
        dropout: How much of an adapter's input is dropped in training.

    Raises:
        ValueError: If the library is missing, a number is out of range, or no layer is linear.

    Source: E. Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.
    """
    if rank < 1 or alpha <= 0 or not 0 <= dropout < 1:
        raise ValueError(
            "model.lora needs rank 1 or more, alpha above zero and dropout in [0, 1), "
            f"got {rank}, {alpha}, {dropout}"
        )
    new: frozenset[str] = getattr(model, "new_layers", frozenset())

    def is_head(name: str) -> bool:
        return bool(_HEADS & set(name.split("."))) or any(name.startswith(one) for one in new)

    layers = [
        name
        for name, layer in model.named_modules()
        # GPT-2 has linear layers of a class of its own.
        if (isinstance(layer, nn.Linear) or type(layer).__name__ == "Conv1D") and not is_head(name)
    ]
    if not layers:
        raise ValueError("model.lora needs linear layers below the head, found none")
    config = library("peft", "text", "LoraConfig")(
        r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=layers
    )
    library("peft", "text", "inject_adapter_in_model")(config, model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("lora_" in name or is_head(name))


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
