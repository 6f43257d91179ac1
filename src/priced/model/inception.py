"""Inception v3."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

LEAST_PIXELS = 75
NORM_EPS = 1e-3


class Inception(nn.Module):
    """Inception v3 with its auxiliary head, for pictures of 75 pixels or more (299 in the paper).

    While it trains, the outputs are a pair: the logits, and those of the auxiliary head.

    Args:
        in_shape: [C, H, W].
        out_features: K.
        dropout: How much of the pooled features is dropped in training, in [0, 1).

    Raises:
        ValueError: If the pictures are smaller.

    Source: C. Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016,
    table 1, figures 5 to 8 and 10; the layers of the authors' released network.

    Example:
        >>> sum(p.numel() for p in Inception([3, 299, 299], 1000).parameters())
        27161264
    """

    def __init__(self, in_shape: Sequence[int], out_features: int, dropout: float = 0.5) -> None:
        super().__init__()
        if len(in_shape) != 3 or min(in_shape[1:]) < LEAST_PIXELS:
            raise ValueError(
                f"pictures must be [C, H, W] of {LEAST_PIXELS} pixels or more, got "
                f"{list(in_shape)}; for smaller ones take model=inception_small"
            )
        self.stem = nn.Sequential(
            Unit(in_shape[0], 32, 3, stride=2),
            Unit(32, 32, 3),
            Unit(32, 64, 3, padding=1),
            nn.MaxPool2d(3, 2),
            Unit(64, 80, 1),
            Unit(80, 192, 3),
            nn.MaxPool2d(3, 2),
        )
        self.early = nn.Sequential(
            _square(192, 32),
            _square(256, 64),
            _square(288, 64),
            _shrink(288),
            *(_factorise(768, inner) for inner in (128, 160, 160, 192)),
        )
        self.auxiliary = Auxiliary(768, out_features)
        self.late = nn.Sequential(_shrink_factorised(768), _wide(1280), _wide(2048))
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(2048, out_features),
        )

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Map pictures (B, C, H, W) to logits (B, K), and to a pair of them while it trains."""
        middle = self.early(self.stem(x))
        logits: Tensor = self.head(self.late(middle))
        return (logits, self.auxiliary(middle)) if self.training else logits


class Unit(nn.Sequential):
    """A convolution without bias, batch norm (whose scale may be fixed at one), ReLU."""

    def __init__(
        self,
        into: int,
        out: int,
        kernel: int | tuple[int, int],
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
        scales: bool = True,
    ) -> None:
        norm = nn.BatchNorm2d(out, eps=NORM_EPS)
        if not scales:
            del norm.weight
            norm.register_buffer("weight", torch.ones(out))
        convolution = nn.Conv2d(into, out, kernel, stride, padding, bias=False)
        super().__init__(convolution, norm, nn.ReLU())


class Branches(nn.Module):
    """Several ways side by side, their channels put together."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H', W')."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Auxiliary(nn.Module):
    """The classifier in the middle, which helps the layers below it to learn."""

    def __init__(self, into: int, out_features: int) -> None:
        super().__init__()
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(5), Unit(into, 128, 1), Unit(128, 768, 5))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(768, out_features))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to logits (B, K)."""
        logits: Tensor = self.head(self.squeeze(x))
        return logits


def _pool(into: int, out: int) -> nn.Module:
    return nn.Sequential(nn.AvgPool2d(3, 1, padding=1), Unit(into, out, 1))


def _square(into: int, pool: int) -> nn.Module:
    """Return the module of figure 5."""
    return Branches(
        Unit(into, 64, 1),
        nn.Sequential(Unit(into, 48, 1), Unit(48, 64, 5, padding=2)),
        nn.Sequential(Unit(into, 64, 1), Unit(64, 96, 3, padding=1), Unit(96, 96, 3, padding=1)),
        _pool(into, pool),
    )


def _shrink(into: int) -> nn.Module:
    """Return the module of figure 10 that leads to figure 6."""
    return Branches(
        Unit(into, 384, 3, stride=2),
        nn.Sequential(Unit(into, 64, 1), Unit(64, 96, 3, padding=1), Unit(96, 96, 3, stride=2)),
        nn.MaxPool2d(3, 2),
    )


def _factorise(into: int, inner: int) -> nn.Module:
    """Return the module of figure 6: 7 x 7 as 1 x 7 and 7 x 1."""
    return Branches(
        Unit(into, 192, 1),
        nn.Sequential(Unit(into, inner, 1), _row(inner, inner), _column(inner, 192)),
        nn.Sequential(
            Unit(into, inner, 1),
            _column(inner, inner),
            _row(inner, inner),
            _column(inner, inner),
            _row(inner, 192),
        ),
        _pool(into, 192),
    )


def _shrink_factorised(into: int) -> nn.Module:
    """Return the module of figure 10 that leads to figure 7."""
    return Branches(
        nn.Sequential(Unit(into, 192, 1), Unit(192, 320, 3, stride=2)),
        nn.Sequential(
            Unit(into, 192, 1), _row(192, 192), _column(192, 192), Unit(192, 192, 3, stride=2)
        ),
        nn.MaxPool2d(3, 2),
    )


def _wide(into: int) -> nn.Module:
    """Return the module of figure 7."""
    return Branches(
        Unit(into, 320, 1),
        nn.Sequential(Unit(into, 384, 1), _fork()),
        nn.Sequential(Unit(into, 448, 1), Unit(448, 384, 3, padding=1), _fork()),
        _pool(into, 192),
    )


def _fork() -> nn.Module:
    return Branches(Unit(384, 384, (1, 3), padding=(0, 1)), Unit(384, 384, (3, 1), padding=(1, 0)))


def _row(into: int, out: int) -> nn.Module:
    return Unit(into, out, (1, 7), padding=(0, 3))


def _column(into: int, out: int) -> nn.Module:
    return Unit(into, out, (7, 1), padding=(3, 0))
