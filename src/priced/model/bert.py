"""A transformer that reads a text from both sides."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from priced.model.library import library

INIT_STD, INIT_WIDTH = 0.02, 768
"""The paper's initial weights; at other widths so that sums have the same spread."""


class BERT(nn.Module):
    """The encoder of the `transformers` library, under a head for tokens or for classes.

    V stands for a place without a token, V + 1 for a hidden one.

    Args:
        vocab_size: V, how many tokens there are.
        context: T, the most tokens that are looked at.
        num_classes: K, for a text's class by the mean of what its tokens became; None: a token for
            each place.
        width: D, the size of a token's vector.
        depth: Number of blocks.
        heads: Attention heads; they must divide the width.
        dropout: How much is dropped in training, in [0, 1).

    Raises:
        ValueError: If a size is not positive, the heads do not divide the width, or the library is
            missing.

    Source: J. Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", 2019.
    """

    def __init__(
        self,
        vocab_size: int,
        context: int,
        num_classes: int | None = None,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if min(vocab_size, context, width, depth, heads, num_classes or 1) < 1:
            raise ValueError(
                "vocab_size, context, num_classes, width, depth and heads must be positive, got "
                f"{vocab_size}, {context}, {num_classes}, {width}, {depth}, {heads}"
            )
        if width % heads:
            raise ValueError(f"heads must divide the width {width}, got {heads}")
        self.vocab_size = vocab_size
        self.encoder = _encoder(vocab_size + 2, context, width, depth, heads, dropout)
        self.head: nn.Module
        if num_classes is None:
            self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
            self.bias = nn.Parameter(torch.zeros(vocab_size))
        else:
            self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, num_classes))
        self.is_classifier = num_classes is not None

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, T) to logits (B, T, V), or (B, K)."""
        there = x != self.vocab_size
        hidden: Tensor = self.encoder(input_ids=x, attention_mask=there.long()).last_hidden_state
        if self.is_classifier:
            weight = there.unsqueeze(2).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1).clamp_min(1)
            outputs: Tensor = self.head(mean)
            return outputs
        words = self.encoder.get_input_embeddings().weight[: self.vocab_size]  # type: ignore[operator]
        return F.linear(self.head(hidden), words, self.bias)


def _encoder(
    vocab_size: int, context: int, width: int, depth: int, heads: int, dropout: float
) -> nn.Module:
    config = library("transformers", "text", "BertConfig")(
        vocab_size=vocab_size,
        hidden_size=width,
        num_hidden_layers=depth,
        num_attention_heads=heads,
        intermediate_size=4 * width,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        max_position_embeddings=context,
        pad_token_id=None,
        initializer_range=INIT_STD * (INIT_WIDTH / width) ** 0.5,
    )
    encoder: nn.Module = library("transformers", "text", "BertModel")(
        config, add_pooling_layer=False
    )
    return encoder
