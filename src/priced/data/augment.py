"""Changing the pictures of a training batch, on the device that has it."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Augment:
    """What is done to each picture, drawn anew each time.

    Attributes:
        crop: Pixels that a picture is moved by at most, each way; the border is mirrored.
        flip: Whether half of the pictures are mirrored, left to right.
        cutout: The side, in pixels, of a square that is blanked out; zero: none.
        mixup: The parameter of the Beta distribution that two pictures, and their classes, are
            mixed by; zero: none.

    Raises:
        ValueError: If one is of another type, or a number is below zero.

    Source: T. DeVries and G. Taylor, "Improved Regularization of Convolutional Neural Networks with
    Cutout", 2017; H. Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018.
    """

    crop: int = 0
    flip: bool = False
    cutout: int = 0
    mixup: float = 0.0

    def __post_init__(self) -> None:
        for name, kinds in {"crop": int, "cutout": int, "mixup": int | float}.items():
            asked = getattr(self, name)
            if isinstance(asked, bool) or not isinstance(asked, kinds) or asked < 0:
                number = "a number" if name == "mixup" else "a whole number"
                raise ValueError(f"data.augment.{name} must be {number}, zero or more, got {asked}")
        if not isinstance(self.flip, bool):
            raise ValueError(f"data.augment.flip must be true or false, got {self.flip}")

    def __call__(
        self, x: Tensor, y: Tensor, num_classes: int, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Change pictures (B, C, H, W) and classes (B,), which mixup turns into shares (B, K)."""
        if self.crop:
            x = _crop(x, self.crop, rng)
        if self.flip:
            mirrored = torch.rand(len(x), 1, 1, 1, generator=rng, device=x.device) < 0.5
            x = torch.where(mirrored, x.flip(3), x)
        if self.cutout:
            x = _cut_out(x, self.cutout, rng)
        if self.mixup:
            return _mix(x, y, self.mixup, num_classes, rng)
        return x, y


def _crop(x: Tensor, most: int, rng: torch.Generator) -> Tensor:
    size, _, height, width = x.shape
    padded = F.pad(x, (most,) * 4, mode="reflect")
    down, right = (
        torch.randint(2 * most + 1, (size, 1), generator=rng, device=x.device) for _ in range(2)
    )
    rows = down + torch.arange(height, device=x.device)
    columns = right + torch.arange(width, device=x.device)
    which = torch.arange(size, device=x.device)[:, None, None]
    moved = padded.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2).contiguous()


def _cut_out(x: Tensor, side: int, rng: torch.Generator) -> Tensor:
    size, _, height, width = x.shape
    rows, columns = (
        _inside(torch.randint(most, (size, 1), generator=rng, device=x.device), side, most)
        for most in (height, width)
    )
    return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0.0)


def _inside(middle: Tensor, side: int, most: int) -> Tensor:
    """Say which of the places 0..most-1 are within a stretch around each middle (B, 1)."""
    place = torch.arange(most, device=middle.device)
    first = middle - side // 2
    return (place >= first) & (place < first + side)


def _mix(
    x: Tensor, y: Tensor, alpha: float, num_classes: int, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    # A Beta variable is a share of two Gamma ones; torch draws those from no generator of ours,
    # so it is the largest of uniform powers (Johnk 1964), which takes a few tries.
    share = 0.0
    while not share:
        one, other = (
            torch.rand(2, generator=rng, device=x.device).double() ** (1 / alpha)
        ).tolist()
        share = one / (one + other) if 0 < one + other <= 1 else 0.0
    order = torch.randperm(len(x), generator=rng, device=x.device)
    targets = F.one_hot(y, num_classes).to(x.dtype)
    return (
        share * x + (1 - share) * x[order],
        share * targets + (1 - share) * targets[order],
    )
