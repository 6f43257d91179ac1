"""What every table here is and does."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from priced.data.base import Data
from priced.data.column import Column
from priced.data.columns import (
    MAX_CATEGORIES,
    Missing,
    Reading,
    check_names,
    describe,
    encode,
    fit_columns,
    from_plain,
    plain,
    standard,
    unseen_names,
)
from priced.data.name import read_names, spell_like
from priced.data.number import read_numbers
from priced.data.part import Held
from priced.data.provenance import digest_inputs
from priced.data.split import split
from priced.data.table import Table
from priced.data.target import check_classes, order_classes, read_target

log = logging.getLogger(__name__)


class Tabular(Data):
    """Rows of features with a class or a number each; features standardised and one-hot.

    Batches are `(x, y)`: x (B, D) float32; y (B,) int64 for classes, float32 for numbers, which are
    standardised by the training part. A subclass opens its table in `open`.

    Args:
        shape: [D]; None: counted once names are one-hot.
        num_outputs: K classes, or 1 for a number; None: K is counted.
        drop: Columns to leave out.
        categorical: Columns to take as names although they hold numbers.
        dates: Columns to take as dates although they are not spelled as 2026-11-27.
        missing: What becomes of a missing value: refuse, mean, median, most_frequent.
        max_categories: How many names a column may hold.
        test_fraction: How much of the table is cut off for test.
    """

    def __init__(
        self,
        drop: Sequence[str] = (),
        categorical: Sequence[str] = (),
        dates: Sequence[str] = (),
        missing: Missing = "refuse",
        max_categories: int = MAX_CATEGORIES,
        test_fraction: float = 0.2,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        if not 0 < test_fraction < 1:
            raise ValueError(f"data.test_fraction must be between 0 and 1, got {test_fraction}")
        self.reading = Reading(
            tuple(drop), tuple(categorical), tuple(dates), missing, max_categories
        )
        self.test_fraction = test_fraction
        self.columns: list[Column] = []
        self._notes: list[str] = []

    def open(self) -> tuple[Table, pa.ChunkedArray | None]:
        """Return the features and the target; None where new rows have no target.

        Also sets `source`, but for rows that were handed over.

        Raises:
            ValueError: If the table is missing or unreadable.
        """
        raise NotImplementedError

    def read(self) -> None:
        """Open, check, split and encode."""
        table, target = self.open()
        if not table.columns.num_rows:
            raise ValueError("data must hold one row or more, got none")
        table = self._drop(table)
        targets = self._targets(target, table)
        rows = list(range(table.columns.num_rows))
        parts: tuple[list[int], ...] = ()
        if self._trained_on is None:
            parts = self._cut_rows(targets, rows)
            self.columns = fit_columns(table, parts[0], self.reading)
            self._notes = [describe(self.columns), *table.notes]
        self._check_shape()
        inputs = encode(self.columns, table)
        digests = digest_inputs(row.tobytes() for row in inputs)
        self.recognise(digests, targets)
        if self._trained_on is None and self.num_outputs == 1:
            self.target_mean, self.target_std = standard(targets[parts[0]])
        if self.is_new:
            for message in unseen_names(self.columns, table):
                log.warning("%s: they are none of the known ones", message)
            self.names = [str(table.lines[row]) for row in rows]
            self.take_whole(
                self._part(inputs, targets, rows),
                self._part(inputs, targets, self.leave_out_learnt(digests)),
            )
            return
        parts = parts or self._cut_rows(targets, rows)
        # The fold that was held back is none to test on later.
        known = (parts[0], [*parts[1], *self.held_rows], parts[2])
        self.keep_split([digests[part] for part in known], digests, targets)
        self.held = self._part(inputs, targets, self.held_rows) if self.held_rows else None
        self.say_unlearnt(targets, parts[0])
        named = rows if self.predicts_whole else parts[2]
        self.names = [str(table.lines[row]) for row in named]
        self.whole = self._part(inputs, targets, rows) if self.predicts_whole else None
        self.train, self.val, self.test = (self._part(inputs, targets, part) for part in parts)

    def state(self) -> dict[str, Any]:
        """Return the classes, how each column is encoded, and what the table was read as."""
        return {
            **super().state(),
            "columns": plain(self.columns),
            "num_outputs": self.num_outputs,
            "read_as": self._notes,
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
        self._notes = state.get("read_as", [])
        self._check_shape()

    def _cut_rows(
        self, targets: NDArray[Any], rows: list[int]
    ) -> tuple[list[int], list[int], list[int]]:
        learn, test = split(targets, rows, self.test_fraction, self.split_seed)
        return *self.hold_back(targets, learn), test

    def _drop(self, table: Table) -> Table:
        """Leave columns out that are asked to be; new rows need not have them."""
        known = table.columns.column_names
        if self._trained_on is None:
            check_names("data.drop", self.reading.drop, known)
        kept = [name for name in known if name not in self.reading.drop]
        if not kept:
            raise ValueError("data must keep a column beside the target: data.drop names all")
        return Table(table.columns.select(kept), table.lines, table.decimal, table.notes)

    def _check_shape(self) -> None:
        width = [sum(column.width for column in self.columns)]
        if self.shape not in (None, width):
            raise ValueError(f"data.shape must be {width}, as the columns are, got {self.shape}")
        self.shape = width

    def _part(self, inputs: NDArray[np.float32], targets: NDArray[Any], rows: list[int]) -> Held:
        own = targets[rows]
        if self.num_outputs == 1:
            # In double precision: a float32 has no room for -311,030 and its 7 of spread.
            own = ((own - self.target_mean) / self.target_std).astype(np.float32)
        return Held(torch.from_numpy(inputs[rows]), torch.from_numpy(own))

    def _targets(self, target: pa.ChunkedArray | None, table: Table) -> NDArray[Any]:
        if target is None:
            self.has_targets = False
            return np.full(table.columns.num_rows, -1, dtype=np.int64)
        names = read_names(target)
        if names.null_count:
            row = table.lines[names.to_pylist().index(None)]
            raise ValueError(
                f"the target must be known in every row, {names.null_count} lack it, "
                f"the first is row {row}"
            )
        if self.num_outputs == 1:
            return self._numbers(target, names, table)
        return self._classes(target, names, table)

    def _numbers(
        self, target: pa.ChunkedArray, names: pa.ChunkedArray, table: Table
    ) -> NDArray[np.float64]:
        values = read_target(target, names, table)
        if self._trained_on is None and (values == values[0]).all():
            raise ValueError(f"the target must vary, it is {values[0]:g} in every row")
        return values

    def _classes(
        self, target: pa.ChunkedArray, names: pa.ChunkedArray, table: Table
    ) -> NDArray[np.int64]:
        known = self.class_names or order_classes(names)
        spelled: list[str] = spell_like(known, names.to_pylist())
        if unknown := sorted({*spelled} - {*known}):
            row = table.lines[spelled.index(unknown[0])]
            raise ValueError(
                f"the target must be one of {', '.join(known)}, got {unknown[0]} in row {row}"
            )
        asked = len(known) if self._trained_on is not None else None
        asked = asked if self.num_outputs is None else self.num_outputs
        check_classes(known, asked, read_numbers(target, table.decimal), len(spelled))
        self.num_outputs, self.class_names = len(known), list(known)
        code = {name: index for index, name in enumerate(known)}
        return np.array([code[name] for name in spelled], dtype=np.int64)
