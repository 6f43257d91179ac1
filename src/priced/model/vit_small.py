"""A vision transformer."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from priced.model.attention import attend


class ViTSmall(nn.Module):
    """Pictures as a row of patches, looked at by a transformer; a class token is what answers.

    Args:
        in_shape: [C, H, W].
        out_features: K.
        patch_size: The side of a patch in pixels; it must divide H and W.
        width: D.
        depth: Number of blocks.
        heads: Attention heads; they must divide the width.
        dropout: How much of each sum is dropped in training, in [0, 1).

    Raises:
        ValueError: If a size is not positive or does not divide what it must.

    Source: A. Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, figure 1; the small
    size of H. Touvron et al., "Training data-efficient image transformers", 2021, table 1.

    Example:
        >>> sum(p.numel() for p in ViTSmall([3, 224, 224], 1000).parameters())
        22050664
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        out_features: int,
        patch_size: int = 16,
        width: int = 384,
        depth: int = 12,
        heads: int = 6,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if len(in_shape) != 3:
            raise ValueError(f"pictures must be [C, H, W], got {list(in_shape)}")
        channels, height, across = in_shape
        if min(patch_size, width, depth, heads, out_features) < 1:
            raise ValueError("patch_size, width, depth, heads and out_features must be positive")
        if height % patch_size or across % patch_size:
            raise ValueError(f"patch_size must divide {height} and {across}, got {patch_size}")
        if width % heads:
            raise ValueError(f"heads must divide the width {width}, got {heads}")
        patches = (height // patch_size) * (across // patch_size)
        self.patches = nn.Conv2d(channels, width, patch_size, patch_size)
        self.answer = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(0.02 * torch.randn(1, patches + 1, width))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Block(width, heads, dropout) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, out_features)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (B, C, H, W) to outputs (B, K)."""
        row = self.patches(x).flatten(2).transpose(1, 2)
        row = torch.cat([self.answer.expand(len(x), -1, -1), row], dim=1) + self.positions
        outputs: Tensor = self.head(self.norm(self.blocks(self.dropout(row))[:, 0]))
        return outputs


class Block(nn.Module):
    """Attention, then a perceptron four times as wide, each added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width, eps=1e-6)
        self.projection = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.perceptron = nn.Sequential(
            nn.LayerNorm(width, eps=1e-6),
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
        )
        self.dropout = nn.Dropout(dropout)
        for layer in (self.projection, self.out, self.perceptron[1], self.perceptron[3]):
            nn.init.trunc_normal_(layer.weight, std=0.02)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, D) to (B, T, D)."""
        x = x + self.dropout(self.out(self._attend(x)))
        more: Tensor = self.dropout(self.perceptron(x))
        return x + more

    def _attend(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        mixed = self.projection(self.attention_norm(x))
        query, key, value = mixed.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = attend(query, key, value)
        return seen.transpose(1, 2).reshape(batch, length, width)
