import pytest
import torch

from priced.data.augment import Augment
from priced.run.run import run
from tests.conftest import Configure


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_crop_moves_each_picture_by_a_few_pixels_of_its_own() -> None:
    x = torch.arange(64.0).view(1, 1, 8, 8).repeat(50, 2, 1, 1)
    moved, _ = Augment(crop=2)(x, torch.zeros(50), 10, rng())
    # Far from the border a picture is the old one, moved: its middle tells by how much.
    by = (moved[:, 0, 4, 4] - x[:, 0, 4, 4]).long()
    down, right = (by + 20).div(8, rounding_mode="floor") - 2, (by + 20) % 8 - 4
    assert down.abs().max() == right.abs().max() == 2
    assert len({*zip(down.tolist(), right.tolist(), strict=True)}) > 10
    assert torch.equal(moved[:, 0], moved[:, 1])
    assert torch.equal(
        moved[:, :, 3:5, 3:5] - x[:, :, 3:5, 3:5], by.view(-1, 1, 1, 1).expand(50, 2, 2, 2).float()
    )


def test_half_of_the_pictures_are_mirrored() -> None:
    x = torch.randn(200, 1, 4, 4)
    turned, _ = Augment(flip=True)(x, torch.zeros(200), 10, rng())
    same, mirrored = ((turned == one).flatten(1).all(1) for one in (x, x.flip(3)))
    assert (same ^ mirrored).all()
    assert 70 < mirrored.sum() < 130


def test_a_square_is_cut_out() -> None:
    cut, _ = Augment(cutout=4)(torch.ones(100, 3, 12, 12), torch.zeros(100), 10, rng())
    holes = (cut == 0).sum((1, 2, 3)) // 3
    assert holes.max() == 16
    assert holes.min() >= 4
    assert len({one.numpy().tobytes() for one in cut}) > 50


def test_mixup_mixes_pictures_and_classes_by_one_share() -> None:
    y = torch.arange(40) % 10
    x = torch.nn.functional.one_hot(y, 10).float().view(40, 1, 2, 5)
    mixed, shares = Augment(mixup=0.4)(x, y, 10, rng())
    assert torch.allclose(mixed.flatten(1), shares)
    assert torch.allclose(shares.sum(1), torch.ones(40))
    drawn = [
        float(Augment(mixup=1.0)(x, y, 10, torch.Generator().manual_seed(s))[1][0].max())
        for s in range(400)
    ]
    # The larger of two uniform shares is 3/4 on average; a class mixed with itself makes it more.
    assert 0.72 < sum(drawn) / 400 < 0.82


@pytest.mark.slow
def test_the_same_seed_trains_on_the_same_pictures_and_validation_sees_them_as_they_are(
    configure: Configure,
) -> None:
    quick = ("max_epochs=1", "logger=none", "figures=false", "callback=[checkpoint]")
    words = ("data.augment.crop=1", "data.augment.mixup=0.2", "data.augment.cutout=2")
    one, two = (run(configure(*quick, *words)) for _ in range(2))
    assert one.scores == two.scores
    assert one.scores != run(configure(*quick)).scores
    still = run(configure(*quick, *words, "optimizer.lr=0"))
    assert still.scores["val/loss"] == run(configure(*quick, "optimizer.lr=0")).scores["val/loss"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("data.augment.crop=-1", "crop must be a whole number, zero or more"),
        ("data.augment.flop=true", r"data\.augment\.flop is no augmentation; did you mean flip\?"),
    ],
)
def test_what_cannot_be_is_refused(configure: Configure, word: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run(configure(word))
