"""A decoder-only transformer that predicts the next token."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from priced.model.attention import attend
from priced.model.sample import choose

INIT_STD, INIT_WIDTH = 0.02, 768
"""The paper's initial weights; at other widths so that sums have the same spread."""


class GPT(nn.Module):
    """Pre-norm transformer decoder: learned positions, fused attention, tied embedding.

    Args:
        vocab_size: V, how many tokens there are.
        context: T, the most tokens that are looked at.
        width: D, the size of a token's vector.
        depth: Number of blocks.
        heads: Attention heads; they must divide the width.
        dropout: How much of each sum and of the attention is dropped in training, in [0, 1).
        bias: Whether linear layers and norms have a bias, as in GPT-2.

    Raises:
        ValueError: If a size is not positive or the heads do not divide the width.

    Source: A. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019 (the
    network, its initial weights); O. Press and L. Wolf, "Using the Output Embedding to Improve
    Language Models", 2017 (the tied embedding).

    Example:
        >>> sum(p.numel() for p in GPT(65, 64, 128, 4, 4).parameters())
        804096
    """

    def __init__(
        self,
        vocab_size: int,
        context: int,
        width: int,
        depth: int,
        heads: int,
        dropout: float = 0.0,
        bias: bool = False,
    ) -> None:
        super().__init__()
        if min(vocab_size, context, width, depth, heads) < 1:
            raise ValueError(
                "vocab_size, context, width, depth and heads must be positive, "
                f"got {vocab_size}, {context}, {width}, {depth}, {heads}"
            )
        if width % heads:
            raise ValueError(f"heads must divide the width {width}, got {heads}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {dropout}")
        self.context = context
        self.tokens = nn.Embedding(vocab_size, width)
        self.positions = nn.Embedding(context, width)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout, bias) for _ in range(depth))
        self.norm = nn.LayerNorm(width, bias=bias)
        self.head = nn.Linear(width, vocab_size, bias=False)
        self._start(depth, INIT_STD * (INIT_WIDTH / width) ** 0.5)
        self.head.weight = self.tokens.weight

    def forward(self, x: Tensor, past: "Past | None" = None) -> Tensor:
        """Map tokens (B, T) to the logits (B, T, V) of each next one."""
        start = 0 if past is None else past.length
        positions = torch.arange(start, start + x.shape[1], device=x.device)
        hidden = self.dropout(self.tokens(x) + self.positions(positions))
        for index, block in enumerate(self.blocks):
            hidden = block(hidden, past, index)
        logits: Tensor = self.head(self.norm(hidden))
        return logits

    @torch.no_grad()
    def generate(
        self,
        prompt: Tensor,
        tokens: int,
        temperature: float,
        top_k: int | None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Continue prompts (B, T), one or more tokens long; each step looks at one new token.

        Keys and values are kept. When the context is full, its second half is read anew.

        Args:
            prompt: (B, T) int64.
            tokens: How many to add.
            temperature: Above zero sharpens (< 1) or flattens; zero takes the likeliest.
            top_k: Choose among the k likeliest alone; None: among all.
            generator: Draws them.

        Returns:
            (B, T + tokens) int64.
        """
        sequence = prompt
        past = Past()
        unread = prompt[:, -self.context :]
        for _ in range(tokens):
            if past.length + unread.shape[1] > self.context:
                past, unread = Past(), sequence[:, -max(1, self.context // 2) :]
            logits = self.forward(unread, past)[:, -1]
            past.length += unread.shape[1]
            unread = choose(logits, temperature, top_k, generator)
            sequence = torch.cat([sequence, unread], dim=1)
        return sequence

    def _start(self, depth: int, std: float) -> None:
        """Draw the weights; what is added to the residual stream, the smaller the more adds."""
        for name, parameter in self.named_parameters():
            if name.endswith("out.weight"):
                nn.init.normal_(parameter, std=std / (2 * depth) ** 0.5)
            elif parameter.dim() > 1:
                nn.init.normal_(parameter, std=std)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)


class Past:
    """Keys and values (B, heads, T, D / heads) of the tokens read so far, a pair for each block."""

    def __init__(self) -> None:
        self.length = 0
        self.kept: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, block: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of new tokens; return all of them."""
        if block in self.kept:
            earlier_key, earlier_value = self.kept[block]
            key = torch.cat([earlier_key, key], dim=2)
            value = torch.cat([earlier_value, value], dim=2)
        self.kept[block] = key, value
        return key, value


class Block(nn.Module):
    """Attention, then a perceptron four times as wide, each added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float, bias: bool) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width, bias=bias)
        self.attention = Attention(width, heads, dropout, bias)
        self.norm = nn.LayerNorm(width, bias=bias)
        self.hidden = nn.Linear(width, 4 * width, bias=bias)
        self.out = nn.Linear(4 * width, width, bias=bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, past: Past | None, index: int) -> Tensor:
        """Map (B, T, D) to (B, T, D)."""
        x = x + self.attention(self.attention_norm(x), past, index)
        more: Tensor = self.dropout(self.out(F.gelu(self.hidden(self.norm(x)))))
        return x + more


class Attention(nn.Module):
    """Causal self-attention, with one projection for queries, keys and values."""

    def __init__(self, width: int, heads: int, dropout: float, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.rate = dropout
        self.projection = nn.Linear(width, 3 * width, bias=bias)
        self.out = nn.Linear(width, width, bias=bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, past: Past | None, index: int) -> Tensor:
        """Map (B, T, D) to (B, T, D)."""
        batch, length, width = x.shape
        mixed = self.projection(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        if past is not None:
            key, value = past.extend(index, key, value)
        seen = self._attend(query, key, value)
        out: Tensor = self.dropout(self.out(seen.transpose(1, 2).reshape(batch, length, width)))
        return out

    def _attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend within heads (B, heads, T, D / heads), each token to itself and those before."""
        new, known = query.shape[2], key.shape[2]
        mask = None
        if 1 < new < known:  # a piece of a text whose start is kept
            mask = torch.ones(new, known, dtype=torch.bool, device=query.device).tril(known - new)
        rate = self.rate if self.training else 0.0
        return attend(query, key, value, mask, causal=new == known and new > 1, dropout=rate)
