"""Small adapters on the layers of a large network (LoRA)."""

from torch import nn

from priced.model.library import library

_HEADS = {"head", "classifier", "score", "lm_head"}
"""What the last layer is called, here and in the models of the hub."""


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
