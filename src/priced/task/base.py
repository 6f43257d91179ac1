"""What every task here is and does."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
from lightning.pytorch import LightningModule
from lightning.pytorch.plugins.precision import Precision
from lightning.pytorch.utilities import GradClipAlgorithmType
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from priced.callback.units import loops_of, plan_units
from priced.check.root import writes_text
from priced.compose.config import Config
from priced.data.base import Data
from priced.data.part import Batch
from priced.task.learner import Learner, Learns
from priced.task.mean import RunningMean
from priced.task.outputs import Outputs
from priced.task.rule import check_learner

Metrics: TypeAlias = dict[str, tuple[str, str, str]]


class Task(LightningModule):
    """Teach a network, and score it once an epoch on all that it said.

    Outputs are kept and scored together when a stage ends: exact, and a training step pays for no
    metric. Logs `train/loss` every `log_every_n_steps` batches and at
    each epoch's end (the mean since the last time), and `{stage}/{quantity}` for each quantity
    after validation and test.

    Args:
        model: Maps inputs (B, ...) to outputs.
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.

    Attributes:
        outputs: What the validation or test that runs will be scored by, as `collect` has it.
        scored: That of the last one, from all ranks.
    """

    data: Data
    """What it is taught, once `build` has read it."""
    find_unused_parameters: ClassVar[bool] = False
    """Whether a step leaves some parameters without a gradient."""
    samples_each_validation: ClassVar[bool] = False
    """Whether a sample is kept at each validation, and not only where training ends."""
    METRICS: ClassVar[Metrics] = {"loss": ("min", "", "loss")}
    """What is logged of each stage: which way is better, the unit, what a person calls it."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
    ) -> None:
        super().__init__()
        self.model = model
        self.optimizer = optimizer
        self.schedule = schedule
        self.outputs = Outputs()
        self.scored: Batch | None = None
        self._learner = Learner(model) if isinstance(model, Learns) else None
        self.automatic_optimization = self._learner is None
        self._noted = RunningMean()

    def check(self, config: Config, ranks: int) -> None:
        """Refuse what this task or its network cannot do, before anything is written.

        Args:
            config: The run's.
            ranks: How many devices share the work.

        Raises:
            ValueError: If it is asked for.
        """
        if self._learner is not None:
            check_learner(config, ranks)
        if any(writes_text(stage, config.tree) for stage in config.stages):
            self.check_prompt(str(config.predict.prompt))

    def check_prompt(self, prompt: str) -> None:
        """Refuse a text that cannot be gone on with.

        Raises:
            ValueError: Always, but of a task that writes text.
        """
        raise ValueError("predict.prompt needs a run that writes text: task=language")

    def example(self, data: Data) -> Tensor | None:
        """Return a batch of one (1, ...) that the network can be shown; None: it takes none."""
        return data.sample()

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss () of outputs (B, ...) and targets (B,)."""
        raise NotImplementedError

    def scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity but the loss, of a stage's outputs (N, ...) and targets (N,)."""
        raise NotImplementedError

    def prepare_batch(self, batch: Batch) -> Batch:
        """Return what the model is shown of a batch, and what it is to say."""
        return batch

    def model_inputs(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return what the model is called with for a batch."""
        return (self.prepare_batch((batch[0], batch[1]))[0],)

    def restore_unit(self, targets: Tensor) -> Tensor:
        """Return targets (N,) in the unit that a person has given them in."""
        return targets

    def describe_unit(self) -> str:
        """Return what is to be done with the model's outputs outside of here; "": nothing."""
        return ""

    def collect(self, batch: Batch) -> Batch:
        """Return what the scores of a stage need of a batch, a row an example."""
        inputs, targets = batch
        return self.model(inputs).float(), targets

    def compute_scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity, of what was kept of all batches (N, ...)."""
        return {"loss": self.loss(outputs, targets), **self.scores(outputs, targets)}

    def figures(self, outputs: Tensor, targets: Tensor) -> dict[str, Figure]:
        """Return drawings of the same, by name."""
        return {}

    def make_sample(self) -> str | NDArray[np.uint8] | None:
        """Return what the network makes: a text, or pixels (H, W, C); None: it makes nothing."""
        return None

    def predictions(self, outputs: Tensor) -> dict[str, Tensor]:
        """Return what is predicted, as columns (B,) by name."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs (B, ...) to the model's outputs."""
        outputs: Tensor = self.model(x)
        return outputs

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | None:
        """Return the loss that Lightning should descend."""
        if self._learner is not None:
            self._learner.step(batch, batch_idx + 1 == self.trainer.num_training_batches)
            return None
        inputs, targets = self.prepare_batch(batch)
        loss = self.loss(self.model(inputs), targets)
        self.note(loss.detach())
        window = self.trainer.accumulate_grad_batches
        return loss if window == 1 else loss * self._window_share(window, len(inputs), batch_idx)

    def _window_share(self, window: int, size: int, batch_idx: int) -> float:
        """Return what a batch's mean loss is multiplied by before Lightning divides by the window.

        Lightning takes each window of accumulated batches for a full one of equal batches; the last
        one of an epoch is not. So weighted, a window's gradient is the mean over its examples.
        """
        first = batch_idx - batch_idx % window
        return window * size / float(self._sizes[first : first + window].sum())

    def step_kind(self, batch_idx: int) -> Hashable:
        """Return what tells steps apart that do different work; their FLOPs are counted apart."""
        return None

    def optimizer_steps(self, batch_idx: int) -> int:
        """Return how many optimizers step with a batch, where Lightning does not step them."""
        return 0

    def note(self, loss: Tensor) -> None:
        """Take the loss () of a step into the curve."""
        self._noted.add(loss)
        if self._noted.count == self._log_every:
            self._log_loss()

    def validation_step(self, batch: Batch) -> None:
        """Keep what the model says of one validation batch."""
        self.take_outputs(batch)

    def test_step(self, batch: Batch) -> None:
        """Keep what the model says of one test batch."""
        self.take_outputs(batch)

    def predict_step(self, batch: Batch) -> dict[str, Tensor]:
        """Return predictions for one batch, and the targets as `target`."""
        inputs, targets = batch
        return {
            **self.predictions(self.model(inputs).float()),
            "target": self.restore_unit(targets),
        }

    def on_train_start(self) -> None:
        """Note how often the loss is wanted, and how many examples each batch will hold."""
        self._log_every = int(self.trainer.log_every_n_steps)  # type: ignore[attr-defined]
        ranks = self.trainer.world_size
        self._sizes = plan_units(loops_of(self.trainer), self, self.data, ranks).sizes // ranks

    def on_validation_epoch_start(self) -> None:
        """Forget the last validation; log the loss of the steps that led to this one."""
        self.outputs, self.scored = Outputs(), None
        self._log_loss()

    def on_test_epoch_start(self) -> None:
        """Forget what came before the test."""
        self.outputs, self.scored = Outputs(), None

    def on_validation_epoch_end(self) -> None:
        """Score the validation part."""
        self._score("val")

    def on_test_epoch_end(self) -> None:
        """Score the test part."""
        self._score("test")

    def on_train_epoch_end(self) -> None:
        """Log the loss of the steps that no validation followed."""
        self._log_loss()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the loss noted since it was last logged, so that a resumed curve is the same."""
        checkpoint["noted_loss"] = (self._noted.total, self._noted.count)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up the noted loss."""
        self._noted.total, self._noted.count = checkpoint["noted_loss"]

    def configure_optimizers(self) -> Any:
        """Hand Lightning the optimizer and the schedule that the config asked for."""
        if self._learner is not None:
            return []
        optimizer = self.optimizer(self.model.parameters())
        scheduler = self.schedule(optimizer, int(self.trainer.estimated_stepping_batches))
        if scheduler is None:
            return optimizer
        return {"optimizer": optimizer, "lr_scheduler": scheduler}

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip; under bfloat16, whose gradients nobody scales, a fused optimizer's ones too."""
        if self.trainer.precision != "bf16-mixed" or not gradient_clip_val:
            self.clip_gradients(optimizer, gradient_clip_val, gradient_clip_algorithm)
            return
        kind = GradClipAlgorithmType(gradient_clip_algorithm or GradClipAlgorithmType.NORM)
        plugin = self.trainer.precision_plugin
        Precision.clip_gradients(plugin, optimizer, gradient_clip_val, kind)

    def _log_loss(self) -> None:
        """Log the mean loss since the last time, if there was a step since."""
        if not self._noted.count:
            return
        # The same steps on every rank, so that all are here.
        loss = self.trainer.strategy.reduce(self._noted.take(), reduce_op="mean")
        self.trainer.callback_metrics["train/loss"] = loss
        for logger in self.trainer.loggers:
            logger.log_metrics({"train/loss": float(loss)}, self.global_step)

    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes each hook's name here, a dozen times a step: torch's own way of setting a
        # module's attribute looks for parameters first, and takes a tenth of a small model's step.
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    def take_outputs(self, batch: Batch) -> None:
        """Keep what the scores of the stage that runs need of a batch."""
        self.outputs.add(self.collect(batch))

    def score_stage(self) -> dict[str, Tensor]:
        """Return every quantity of the stage that ends; every rank must call it."""
        self.scored, self.outputs = self.outputs.gather(self.device), Outputs()
        return self.compute_scores(*self.scored)

    def _score(self, stage: str) -> None:
        scores = self.score_stage()
        assert list(scores) == list(self.METRICS), "a task logs what it says it does"
        self.log_dict(
            {f"{stage}/{name}": score.float().to(self.device) for name, score in scores.items()},
            sync_dist=True,  # equal on all ranks: said so that Lightning need not warn
        )
