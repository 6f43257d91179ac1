"""What every task here is and does."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from priced.callback.units import loops_of, plan_units
from priced.check.root import writes_text
from priced.compose.config import Config
from priced.data.base import Data
from priced.data.part import Batch
from priced.task.clip import clip
from priced.task.learner import Learner, Learns
from priced.task.loss_curve import LossCurve
from priced.task.rule import check_learner
from priced.task.scoring import Scoring
from priced.task.window import share_of_window


class Task(Scoring):
    """Teach a network, step by step, and score it (see `Scoring`).

    Logs `train/loss` every `log_every_n_steps` batches and at each epoch's end: the mean since the
    last time.

    Args:
        model: Maps inputs (B, ...) to outputs.
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.
    """

    data: Data
    """What it is taught, once `build` has read it."""
    find_unused_parameters: ClassVar[bool] = False
    """Whether a step leaves some parameters without a gradient."""
    samples_each_validation: ClassVar[bool] = False
    """Whether a sample is kept at each validation, and not only where training ends."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
    ) -> None:
        super().__init__(model)
        self.optimizer = optimizer
        self.schedule = schedule
        self._learner = Learner(model) if isinstance(model, Learns) else None
        self.automatic_optimization = self._learner is None
        self._curve = LossCurve()

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
        if window == 1:
            return loss
        return loss * share_of_window(self._sizes, window, batch_idx, len(inputs))

    def step_kind(self, batch_idx: int) -> Hashable:
        """Return what tells steps apart that do different work; their FLOPs are counted apart."""
        return None

    def optimizer_steps(self, batch_idx: int) -> int:
        """Return how many optimizers step with a batch, where Lightning does not step them."""
        return 0

    def note(self, loss: Tensor) -> None:
        """Take the loss () of a step into the curve."""
        self._curve.add(loss, self.trainer)

    def predict_step(self, batch: Batch) -> dict[str, Tensor]:
        """Return predictions for one batch, and the targets as `target`."""
        inputs, targets = batch
        return {
            **self.predictions(self.model(inputs).float()),
            "target": self.restore_unit(targets),
        }

    def on_train_start(self) -> None:
        """Note how often the loss is wanted, and how many examples each batch will hold."""
        self._curve.start(self.trainer)
        ranks = self.trainer.world_size
        self._sizes = plan_units(loops_of(self.trainer), self, self.data, ranks).sizes // ranks

    def on_validation_epoch_start(self) -> None:
        """Log the loss of the steps that led to this validation."""
        super().on_validation_epoch_start()
        self._curve.log(self.trainer)

    def on_train_epoch_end(self) -> None:
        """Log the loss of the steps that no validation followed."""
        self._curve.log(self.trainer)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the loss noted since it was last logged, so that a resumed curve is the same."""
        checkpoint["noted_loss"] = self._curve.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up the noted loss."""
        self._curve.load_state(checkpoint["noted_loss"])

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
        """Clip gradients; see `priced.task.clip`."""
        clip(self, optimizer, gradient_clip_val, gradient_clip_algorithm)

    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes each hook's name here, a dozen times a step: torch's own way of setting a
        # module's attribute looks for parameters first, and takes a tenth of a small model's step.
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)
