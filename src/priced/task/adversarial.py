"""Teaching a generator by a discriminator."""

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from priced.compose.config import Config
from priced.data.base import Data
from priced.data.images import Images
from priced.data.part import Batch
from priced.task.base import Task
from priced.task.distribution import fid, kid, precision_recall
from priced.task.picture import check_measures, denormalise, normalise, tile
from priced.task.rule import check_steps
from priced.task.scoring import Metrics

GRID_CLASSES, GRID_EACH = 20, 8


class Adversarial(Task):
    """Train a generator and a discriminator in turn, by hand-made optimisation.

    Each validation makes as many pictures as the part has, of the same classes, by the running mean
    of the generator. Logs their `fid` and `kid` against the part, `precision` and `recall` of the
    two distributions, all by the features of a network of ours, and `class_accuracy`: how often an
    independent classifier takes a picture for the class that it was made for. A grid of pictures
    goes to TensorBoard and into the run's folder each time. `train/loss` is the generator's.

    Args:
        model: Has `generator`, `discriminator`, `noise`, `follow` and, as a call, the running mean.
        optimizer: Given parameters, returns their optimizer: one for each network.
        schedule: Given an optimizer and the steps to come, returns a scheduler or None.
        features: Maps pictures to features (B, F) and logits.
        judge: Another such network, whose logits (B, K) name classes.
        loss: hinge, or logistic (not saturating).
        r1: The weight of the penalty on the discriminator's gradients at real pictures; 0: none.
        r1_every: How many steps pass between two such penalties, which then weigh as much more.
        discriminator_steps: How many steps the discriminator takes for each of the generator's.

    Raises:
        ValueError: If a number is out of range.

    Source: I. Goodfellow et al., "Generative Adversarial Nets", 2014; J. Lim and J. Ye, "Geometric
    GAN", 2017 (hinge); L. Mescheder et al., "Which Training Methods for GANs do actually
    Converge?", 2018 (R1); T. Karras et al., "Analyzing and Improving the Image Quality of
    StyleGAN", 2020, section 3.1 (the penalty now and then).
    """

    find_unused_parameters = True
    samples_each_validation = True
    METRICS: ClassVar[Metrics] = {
        "fid": ("min", "", "FID"),
        "kid": ("min", "", "KID"),
        "precision": ("max", "", "precision"),
        "recall": ("max", "", "recall"),
        "class_accuracy": ("max", "", "class accuracy"),
    }

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
        features: nn.Module,
        judge: nn.Module,
        loss: Literal["hinge", "logistic"] = "hinge",
        r1: float = 0.0,
        r1_every: int = 16,
        discriminator_steps: int = 1,
    ) -> None:
        super().__init__(model, optimizer, schedule)
        if r1 < 0 or r1_every < 1 or discriminator_steps < 1:
            raise ValueError(
                "task.r1 must be zero or more, r1_every and discriminator_steps 1 or more, "
                f"got {r1}, {r1_every} and {discriminator_steps}"
            )
        self.gan: Any = model
        self.hinge = loss == "hinge"
        self.r1 = r1
        self.r1_every = r1_every
        self.discriminator_steps = discriminator_steps
        self.automatic_optimization = False
        self._measures = {"features": features, "judge": judge}  # in no checkpoint: they are fixed

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Step the discriminator, and the generator every so often."""
        real, y = batch
        optimizers: Any = self.optimizers()
        to_generator, to_discriminator = optimizers
        z = self._noise(len(real))
        with torch.no_grad():
            fake = self.gan.generator(z, y)
        of_generator, of_discriminator = self.lr_schedulers() or (None, None)  # type: ignore[misc]
        shown = denormalise(real, self._data.mean, self._data.std)
        self._step_discriminator(to_discriminator, shown, fake, y, batch_idx)
        if of_discriminator is not None:
            of_discriminator.step()
        if self._is_generators(batch_idx):
            self._step_generator(to_generator, y)
            if of_generator is not None:
                of_generator.step()

    def step_kind(self, batch_idx: int) -> tuple[bool, bool]:
        """Return whether a step has the penalty, and whether it is one of the generator's too."""
        return self._is_penalised(batch_idx), self._is_generators(batch_idx)

    def optimizer_steps(self, batch_idx: int) -> int:
        """Return one for the discriminator, and one for the generator if it steps too."""
        return 1 + self._is_generators(batch_idx)

    def _is_penalised(self, batch_idx: int) -> bool:
        return self.r1 > 0 and (batch_idx + 1) % self.r1_every == 0

    def _is_generators(self, batch_idx: int) -> bool:
        return (batch_idx + 1) % self.discriminator_steps == 0

    def _step_discriminator(
        self, optimizer: Any, real: Tensor, fake: Tensor, y: Tensor, batch_idx: int
    ) -> None:
        self.toggle_optimizer(optimizer)
        penalised = self._is_penalised(batch_idx)
        pictures = real.requires_grad_(penalised)
        real = pictures.clone()  # what counts FLOPs cannot bear a leaf there
        # Apart: a batch norm or a spread over pictures would tell them from each other.
        of_real, of_fake = self.gan.discriminator(real, y), self.gan.discriminator(fake, y)
        if self.hinge:
            loss = F.relu(1 - of_real).mean() + F.relu(1 + of_fake).mean()
        else:
            loss = F.softplus(-of_real).mean() + F.softplus(of_fake).mean()
        if penalised:
            [slope] = torch.autograd.grad(of_real.sum(), pictures, create_graph=True)
            size = slope.float().square().sum((1, 2, 3)).mean()
            loss = loss + self.r1 / 2 * self.r1_every * size
        self._descend(optimizer, loss)

    def _step_generator(self, optimizer: Any, y: Tensor) -> None:
        self.toggle_optimizer(optimizer)
        z = self._noise(len(y))
        scores = self.gan.discriminator(self.gan.generator(z, y), y)
        loss = -scores.mean() if self.hinge else F.softplus(-scores).mean()
        self._descend(optimizer, loss)
        self.gan.follow()
        self.note(loss.detach())

    def _descend(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
        self.untoggle_optimizer(optimizer)

    def configure_optimizers(self) -> Any:
        """Hand Lightning an optimizer for each network, and their schedules."""
        both = (self.gan.generator, self.gan.discriminator)
        optimizers = [self.optimizer(network.parameters()) for network in both]
        batches = self._batches()
        steps = (ceil(batches / self.discriminator_steps), batches)
        schedules = [self.schedule(*each) for each in zip(optimizers, steps, strict=True)]
        return optimizers, [one for one in schedules if one is not None]

    def _batches(self) -> int:
        """Return how many batches training takes; Lightning counts the steps of both optimizers."""
        steps = int(self.trainer.estimated_stepping_batches)
        if self.trainer.max_steps < 1:
            return steps
        return min(steps, ceil(self.trainer.max_steps / (1 + 1 / self.discriminator_steps)))

    def collect(self, batch: Batch) -> Batch:
        """Return the features of each picture and of one made (B, 2 F + 1), and whether it fits."""
        real, y = batch
        seed = len(self.outputs) * self.trainer.world_size + self.global_rank  # the same each time
        rng = torch.Generator(self.device).manual_seed(seed)
        z = torch.randn(len(y), self.gan.noise, device=self.device, generator=rng)
        fake = self._normalise(self.gan(z, y).float())
        features, judge = (network.to(self.device) for network in self._measures.values())
        fits = (judge(fake)[1].argmax(1) == y).to(real.dtype)[:, None]
        return torch.cat([features(real)[0], features(fake)[0], fits], dim=1), y

    def compute_scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity, of what was kept of all batches (N, 2 F + 1)."""
        half = outputs.shape[1] // 2
        real, fake, fits = outputs[:, :half], outputs[:, half:-1], outputs[:, -1]
        precision, recall = precision_recall(real, fake)
        return {
            "fid": fid(real, fake),
            "kid": kid(real, fake),
            "precision": precision,
            "recall": recall,
            "class_accuracy": fits.mean(),
        }

    def predict_step(self, batch: Batch) -> dict[str, Tensor]:
        """Return, of a picture made of each class of a batch, what the judge takes it for."""
        y, judge = batch[1], self._measures["judge"].to(self.device)
        z = torch.randn(len(y), self.gan.noise, device=self.device)
        return {"prediction": judge(self._normalise(self.gan(z, y)))[1].argmax(1), "target": y}

    def model_inputs(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return noise (B, Z) and the classes (B,) of a batch."""
        return torch.randn(len(batch[1]), self.gan.noise), batch[1]

    def _noise(self, count: int) -> Tensor:
        """Draw noise (B, Z), on each rank other noise."""
        rng = None
        if self.trainer.world_size > 1:
            place = np.random.SeedSequence((self.data.seed, self.global_step, self.global_rank))
            rng = torch.Generator(self.device).manual_seed(int(place.generate_state(1)[0]))
        return torch.randn(count, self.gan.noise, device=self.device, generator=rng)

    def example(self, data: Data) -> Tensor | None:
        """Return nothing: the networks take noise, and were told the pictures' shape."""
        return None

    def check(self, config: Config, ranks: int) -> None:
        """Refuse what optimisation by hand leaves out, and networks that measure other pictures.

        Raises:
            ValueError: If something is asked for that cannot go with it.
        """
        super().check(config, ranks)
        if "monitor" in config.schedule:
            raise ValueError("task=adversarial needs a schedule of steps: no schedule=plateau")
        if (config.data.get("augment") or {}).get("mixup"):
            raise ValueError("data.augment.mixup cannot go with task=adversarial")
        check_steps(config, "task=adversarial")
        part = self._data.val if len(self._data.val) else self._data.test
        check_measures(self._measures, part, self._data.num_outputs or 0)

    def make_sample(self) -> NDArray[np.uint8]:
        """Return a grid of pictures (H, W, C): a class a row, of the same noise each time."""
        classes = min(GRID_CLASSES, len(self._data.class_names))
        y = torch.arange(classes, device=self.device).repeat_interleave(GRID_EACH)
        rng = torch.Generator(self.device).manual_seed(0)
        z = torch.randn(len(y), self.gan.noise, device=self.device, generator=rng)
        with torch.no_grad():
            return tile(self.gan(z, y).float(), classes)

    def _normalise(self, made: Tensor) -> Tensor:
        return normalise(made, self._data.mean, self._data.std)

    @property
    def _data(self) -> Images:
        assert isinstance(self.data, Images)
        return self.data
