"""Any pretrained encoder of the `transformers` library, for classes."""

from typing import Any

from torch import Tensor, nn

from priced.model.hf_language import check_vocabulary, load_pretrained


class HFClassifier(nn.Module):
    """A model with its weights and a new head, by its name on the hub or its folder.

    Args:
        name: What `AutoModelForSequenceClassification.from_pretrained` takes.
        vocab_size: V, of the data, which the model's own tokenizer has made; V stands for a place
            without a token.
        out_features: K.

    Raises:
        ValueError: If the library or the model is missing, or the model has fewer tokens.
    """

    def __init__(self, name: str, vocab_size: int, out_features: int) -> None:
        super().__init__()
        self.network, self.new_layers = load_pretrained(
            "AutoModelForSequenceClassification", name, num_labels=out_features
        )
        check_vocabulary(self.network, vocab_size)
        self.vocab_size = vocab_size
        config: Any = self.network.config
        self.filler = int(getattr(config, "pad_token_id", None) or 0)
        config.pad_token_id = self.filler

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, T) to logits (B, K)."""
        there = x != self.vocab_size
        network: nn.Module = self.network
        found: Tensor = network(
            input_ids=x.masked_fill(~there, self.filler), attention_mask=there.long()
        ).logits
        return found
