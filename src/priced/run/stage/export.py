"""A trained network in other formats: written, read again, held against the original, priced."""

import re
import time
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from priced.build import Components
from priced.price.money import amount
from priced.record.folder import write_json
from priced.run.stage.format import FORMATS, Runs
from priced.run.weights import take_weights

MOST_EXAMPLES = 64
TIMED_SECONDS = 0.5
MILLION = 1_000_000
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Exported:
    """A network in another format.

    Attributes:
        format: Which one.
        file: Its path in the run's folder.
        bytes: Its size.
        error: The largest difference of an output from the original's, over the largest output.
        tolerance: What that may be.
        one_seconds: A prediction of one example, the median of several.
        batch_seconds: A prediction of a batch.
        batch_size: How many examples that has.
        usd_per_million: What a million predictions cost on the run's tariff, in such batches.
    """

    format: str
    file: str
    bytes: int
    error: float
    tolerance: float
    one_seconds: float
    batch_seconds: float
    batch_size: int
    usd_per_million: float


def export(components: Components, weights: Path | None) -> dict[str, float | None]:
    """Write the network in each format below `export/` of the run's folder; print a table.

    Args:
        components: The run's.
        weights: The checkpoint that the network takes.

    Raises:
        ValueError: If a library is missing, the network cannot be had in a format, or what is read
            again is not what was written, within the tolerance.
    """
    assert weights is not None
    if components.trainer.is_global_zero:
        _export_all(components, weights)
    return {}


def _export_all(components: Components, weights: Path) -> None:
    task = components.task
    take_weights(task, weights)
    model = task.model.cpu().eval()
    batch = next(iter(components.data.test_dataloader()))
    examples = task.model_inputs([one[:MOST_EXAMPLES] for one in batch])
    folder = Path(components.trainer.default_root_dir) / "export"
    folder.mkdir(exist_ok=True)
    failed: list[ValueError] = []
    with components.meter.phase("export"), torch.no_grad():
        truth = model(*examples)
        done = [_measure(components, "original", None, 0.0, model, examples, truth)]
        for name in components.config.export.format:
            try:
                done.append(_export(components, name, folder, examples, truth))
            except ValueError as error:
                failed.append(error)
    write_json(folder / "export.json", {one.format: asdict(one) for one in done})
    _print(done)
    if unit := task.describe_unit():
        Console(markup=False).print(unit, soft_wrap=True)
    failed += [
        ValueError(
            f"{one.format} must give the original's outputs within {one.tolerance:g}, "
            f"got a difference of {one.error:.3g}"
        )
        for one in done
        if not one.error <= one.tolerance
    ]
    if failed:
        raise failed[0]


def _export(
    components: Components, name: str, folder: Path, examples: tuple[Tensor, ...], truth: Tensor
) -> Exported:
    how = FORMATS[name]
    file = folder / f"model{how.suffix}"
    model = components.task.model
    try:
        how.write(deepcopy(model), examples, file)
        again = how.read(deepcopy(model), file)
        return _measure(components, name, file, how.tolerance, again, examples, truth)
    except Exception as error:  # an exporter raises whatever it meets
        file.unlink(missing_ok=True)
        if isinstance(error, ValueError):
            raise
        reason = " ".join(_COLOUR.sub("", str(error)).split())[:200]
        raise ValueError(f"the network cannot be had as {name}: {reason}") from error


def _measure(
    components: Components,
    name: str,
    file: Path | None,
    tolerance: float,
    runs: Any,
    examples: tuple[Tensor, ...],
    truth: Tensor,
) -> Exported:
    found = runs(*examples)
    error = float((found - truth).abs().max() / truth.abs().max().clamp_min(1e-12))
    whole = _seconds(runs, examples)
    size = len(examples[0])
    usd = components.tariff.price(
        whole / size * MILLION, components.meter.watts() * whole / size * MILLION, 1
    )
    return Exported(
        format=name,
        file="" if file is None else f"export/{file.name}",
        bytes=_bytes(components.task.model) if file is None else file.stat().st_size,
        error=error,
        tolerance=tolerance,
        one_seconds=_seconds(runs, tuple(one[:1] for one in examples)),
        batch_seconds=whole,
        batch_size=size,
        usd_per_million=usd,
    )


def _seconds(runs: Runs, examples: tuple[Tensor, ...]) -> float:
    runs(*examples)
    taken: list[float] = []
    while sum(taken) < TIMED_SECONDS:
        began = time.perf_counter()
        runs(*examples)
        taken.append(time.perf_counter() - began)
    return median(taken)


def _bytes(model: nn.Module) -> int:
    tensors = {one.data_ptr(): one for one in model.state_dict().values()}
    return sum(one.numel() * one.element_size() for one in tensors.values())


def _print(done: list[Exported]) -> None:
    table = Table(
        "format", "kB", "ms", f"ms of {done[0].batch_size}", "error", "at most", "USD/million"
    )
    for one in done:
        table.add_row(
            one.format,
            f"{one.bytes / 1000:,.1f}",
            f"{one.one_seconds * 1000:.3g}",
            f"{one.batch_seconds * 1000:.3g}",
            f"{one.error:.2g}",
            f"{one.tolerance:g}",
            amount(one.usd_per_million),
        )
    Console(markup=False).print(table)
