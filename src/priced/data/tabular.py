"""What every table here is and does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from numpy.typing import NDArray

from priced.data.base import Data
from priced.data.columns import (
    Column,
    Missing,
    encode,
    fit_columns,
    from_plain,
    is_text,
    plain,
)
from priced.data.part import Held
from priced.data.split import split


class Tabular(Data):
    """Rows of features with a class or a number each; features standardised and one-hot.

    Batches are `(x, y)`: x (B, D) float32; y (B,) int64 for classes, float32 for numbers.
    A subclass opens its table in `open`.

    Args:
        batch_size: B.
        seed: Fixes the split and the order of every epoch.
        shape: [D]; None: counted once names are one-hot.
        num_outputs: K classes, or 1 for a number; None: a target of fractions is a number, any
            other has classes.
        categorical: Columns to take as names although they hold numbers.
        missing: What becomes of a missing value: refuse, mean, median, most_frequent.
        val_fraction: How much of the training part is cut off for validation.
        test_fraction: How much of the table is cut off for test.
    """

    def __init__(
        self,
        batch_size: int,
        seed: int,
        shape: list[int] | None = None,
        num_outputs: int | None = None,
        categorical: Sequence[str] = (),
        missing: Missing = "refuse",
        val_fraction: float = 0.1,
        test_fraction: float = 0.2,
    ) -> None:
        super().__init__(shape, num_outputs, batch_size, seed, val_fraction)
        if not 0 < test_fraction < 1:
            raise ValueError(f"data.test_fraction must be between 0 and 1, got {test_fraction}")
        self.categorical = list(categorical)
        self.missing = missing
        self.test_fraction = test_fraction
        self.columns: list[Column] = []

    def open(self) -> tuple[pa.Table, pa.ChunkedArray | None]:
        """Return the features and the target; None where new rows have no target.

        Also sets `source`.

        Raises:
            ValueError: If the table is missing or unreadable.
        """
        raise NotImplementedError

    def read(self) -> None:
        """Open, check, split and encode."""
        table, target = self.open()
        if not table.num_rows:
            raise ValueError("data must hold one row or more, got none")
        targets = self._targets(target, table.num_rows)
        rows = list(range(table.num_rows))
        if self.is_new():
            self.take_whole(self._part(table, targets, rows))
            return
        learn, test = split(targets, rows, self.test_fraction, self.split_seed)
        train, val = self.hold_back(targets, learn)
        if self._trained_on is None:
            self.columns = fit_columns(table, train, self.categorical, self.missing)
        self._check_shape()
        self.train = self._part(table, targets, train)
        self.val = self._part(table, targets, val)
        self.test = self._part(table, targets, test)

    def state(self) -> dict[str, Any]:
        """Return the classes and how each column is encoded."""
        return {
            **super().state(),
            "columns": plain(self.columns),
            "num_outputs": self.num_outputs,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Encode as for the table that a run was trained on.

        Raises:
            ValueError: If that was no table.
        """
        if "columns" not in state:
            raise ValueError("data must be pictures: the run was not trained on a table")
        super().load_state(state)
        self.columns = from_plain(state["columns"])
        self.class_names = state["class_names"]
        self.num_outputs = state["num_outputs"]
        self._check_shape()

    def _check_shape(self) -> None:
        width = [sum(column.width for column in self.columns)]
        if self.shape not in (None, width):
            raise ValueError(f"data.shape must be {width}, as the columns are, got {self.shape}")
        self.shape = width

    def _part(self, table: pa.Table, targets: NDArray[Any], rows: list[int]) -> Held:
        inputs = encode(self.columns, table.take(pa.array(rows)))
        return Held(torch.from_numpy(inputs), torch.from_numpy(targets[rows]))

    def _targets(self, target: pa.ChunkedArray | None, rows: int) -> NDArray[Any]:
        if target is None:
            self.has_targets = False
            return np.full(rows, -1, dtype=np.int64)
        if target.null_count:
            raise ValueError(f"the target must be known in every row, {target.null_count} lack it")
        if self.num_outputs is None and pa.types.is_floating(target.type):
            self.num_outputs = 1
        return self._numbers(target) if self.num_outputs == 1 else self._classes(target)

    def _numbers(self, target: pa.ChunkedArray) -> NDArray[np.float32]:
        if is_text(target):
            raise ValueError("the target must hold numbers for task=regression, got text")
        values = pc.cast(target, pa.float32()).to_numpy()
        if not np.isfinite(values).all():
            raise ValueError("the target must be finite in every row")
        return np.asarray(values)

    def _classes(self, target: pa.ChunkedArray) -> NDArray[np.int64]:
        names = [str(name) for name in pc.unique(target).sort().to_pylist()]
        known = self.class_names or names
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"the target must be one of {', '.join(known)}, got {unknown[0]}")
        if self.num_outputs is None:
            self.num_outputs = len(known)
        if len(known) != self.num_outputs:
            most = self.num_outputs - 1
            got = f"{len(known)} classes ({', '.join(known[:5])}, ...)"
            raise ValueError(f"labels must be in 0..{most} as data.num_outputs says, got {got}")
        self.class_names = list(known)
        code = {name: index for index, name in enumerate(known)}
        return np.array([code[str(name)] for name in target.to_pylist()], dtype=np.int64)
