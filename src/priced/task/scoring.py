"""What every task is scored by."""

from typing import ClassVar, TypeAlias

from lightning.pytorch import LightningModule
from matplotlib.figure import Figure
from torch import Tensor, nn

from priced.data.part import Batch
from priced.task.outputs import Outputs

Metrics: TypeAlias = dict[str, tuple[str, str, str]]


class Scoring(LightningModule):
    """Scores a network once an epoch, on all that it said.

    Outputs are kept and scored together when a stage ends: exact, and a training step pays for no
    metric. Logs `{stage}/{quantity}` for each quantity after validation and test.

    Args:
        model: Maps inputs (B, ...) to outputs.

    Attributes:
        outputs: What the validation or test that runs will be scored by, as `collect` has it.
        scored: That of the last one, from all ranks; None where nothing is kept.
    """

    METRICS: ClassVar[Metrics] = {"loss": ("min", "", "loss")}
    """What is logged of each stage: which way is better, the unit, what a person calls it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.outputs = Outputs()
        self.scored: Batch | None = None

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss () of outputs (B, ...) and targets (B,)."""
        raise NotImplementedError

    def scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity but the loss, of a stage's outputs (N, ...) and targets (N,)."""
        raise NotImplementedError

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

    def validation_step(self, batch: Batch) -> None:
        """Keep what the model says of one validation batch."""
        self.take_outputs(batch)

    def test_step(self, batch: Batch) -> None:
        """Keep what the model says of one test batch."""
        self.take_outputs(batch)

    def on_validation_epoch_start(self) -> None:
        """Forget what came before the validation."""
        self.outputs, self.scored = Outputs(), None

    def on_test_epoch_start(self) -> None:
        """Forget what came before the test."""
        self.outputs, self.scored = Outputs(), None

    def on_validation_epoch_end(self) -> None:
        """Score the validation part."""
        self._score("val")

    def on_test_epoch_end(self) -> None:
        """Score the test part."""
        self._score("test")

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
