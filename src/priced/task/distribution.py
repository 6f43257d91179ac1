"""How alike two sets of pictures are, by their features."""

import warnings

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from priced.task.exact import exact

NEIGHBOURS = 3
MAX_SAMPLES = 5000
"""Pictures that neighbours are looked for among: their distances are a square of that."""
KID_SUBSETS, KID_SIZE = 50, 500


class _Given(torch.nn.Module):
    """Stands where torchmetrics has an Inception: what it is handed are features already."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, x: Tensor) -> Tensor:
        return x


def fid(real: Tensor, fake: Tensor) -> Tensor:
    """Return the Frechet distance () of features (N, F) and (M, F).

    Source: M. Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium", 2017, eq. 6; by torchmetrics.
    """
    metric = FrechetInceptionDistance(feature=_Given(real.shape[1])).set_dtype(torch.float64)
    return _of(metric.to(exact(real).device), exact(real), exact(fake))


def kid(real: Tensor, fake: Tensor) -> Tensor:
    """Return the kernel distance () of features (N, F) and (M, F), a mean over subsets.

    Source: M. Binkowski et al., "Demystifying MMD GANs", 2018, section 4; by torchmetrics.
    """
    size = min(KID_SIZE, len(real), len(fake))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*save all extracted features in buffer.*")
        metric = KernelInceptionDistance(
            feature=_Given(real.shape[1]), subsets=KID_SUBSETS, subset_size=size
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # it draws its subsets
        return _of(metric.to(real.device), real, fake)


def precision_recall(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Return the shares of fakes (M, F) among real ones (N, F), and of real ones among fakes.

    A picture is among others if it is nearer to one of them than that one's third neighbour.

    Source: T. Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing Generative
    Models", 2019, eq. 1 and 2.
    """
    real, fake = real[:MAX_SAMPLES], fake[:MAX_SAMPLES]
    return _share_among(fake, real), _share_among(real, fake)


def _share_among(some: Tensor, others: Tensor) -> Tensor:
    near = min(NEIGHBOURS + 1, len(others))  # each is its own nearest
    radius = torch.cdist(others, others).kthvalue(near, dim=1).values
    return exact((torch.cdist(some, others) <= radius).any(dim=1)).mean()


def _of(metric: Metric, real: Tensor, fake: Tensor) -> Tensor:
    metric.update(real, real=True)
    metric.update(fake, real=False)
    found = metric.compute()
    value: Tensor = found[0] if isinstance(found, tuple) else found
    return value
