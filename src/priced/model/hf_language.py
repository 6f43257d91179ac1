"""Any pretrained language model of the `transformers` library."""

import torch
from torch import Tensor, nn

from priced.model.library import library
from priced.model.sample import choose


class HFLanguage(nn.Module):
    """A causal language model, with its weights, by its name on the hub or its folder.

    Args:
        name: What `AutoModelForCausalLM.from_pretrained` takes.
        vocab_size: V, of the data, which the model's own tokenizer has made.

    Raises:
        ValueError: If the library or the model is missing, or the model has fewer tokens.
    """

    def __init__(self, name: str, vocab_size: int) -> None:
        super().__init__()
        self.network, self.new_layers = load_pretrained("AutoModelForCausalLM", name)
        check_vocabulary(self.network, vocab_size)
        self.vocab_size = vocab_size

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, T) to the logits (B, T, V) of each next one."""
        logits: Tensor = self.network(input_ids=x).logits
        return logits[..., : self.vocab_size]

    @torch.no_grad()
    def generate(
        self,
        prompt: Tensor,
        tokens: int,
        temperature: float,
        top_k: int | None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Continue prompts (B, T); see `GPT.generate`. Each step reads the whole context."""
        most = int(getattr(self.network.config, "max_position_embeddings", 2**20))
        sequence = prompt
        for _ in range(tokens):
            logits = self.forward(sequence[:, -most:])[:, -1]
            sequence = torch.cat([sequence, choose(logits, temperature, top_k, generator)], dim=1)
        return sequence


def load_pretrained(kind: str, name: str, **more: object) -> tuple[nn.Module, frozenset[str]]:
    """Return a model of the `transformers` library with its weights, as `network`.

    Also return the names, below `network`, of the layers that no weights were there for.

    Raises:
        ValueError: If the library or the model is missing.
    """
    made_by = library("transformers", "text", kind)
    try:
        made, info = made_by.from_pretrained(name, output_loading_info=True, **more)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:160]
        raise ValueError(f"model.name must be a folder or a name on the hub: {reason}") from error
    network: nn.Module = made
    new = {f"network.{key.rpartition('.')[0]}" for key in info["missing_keys"] if "." in key}
    return network, frozenset(new)


def check_vocabulary(network: nn.Module, vocab_size: int) -> None:
    """Refuse tokens that a model has no vector for.

    Raises:
        ValueError: If there are any.
    """
    own = network.get_input_embeddings().num_embeddings  # type: ignore[operator]
    if vocab_size > own:
        raise ValueError(
            f"the data has {vocab_size} tokens, the model {own}: data.tokenizer must be the model's"
        )
