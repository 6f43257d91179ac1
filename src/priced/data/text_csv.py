"""A table with a text and its class in each row."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from priced.data.corpus import Document
from priced.data.labelled import from_hub
from priced.data.snippet import Snippets


class TextCSV(Snippets):
    """Texts out of a CSV or parquet file, or a set of the hub, by the names of two columns.

    Of each text the first T tokens are taken.

    Args:
        context: T, the tokens of an example.
        batch_size: B.
        seed: Fixes the split and the order of every epoch.
        cache: The folder of tokenised texts.
        path: The file, with a header; None: `hub`.
        hub: The data set's name on the Hugging Face hub, read through the `datasets` library.
        text: The column of texts.
        target: The column of classes; new rows that are predicted need none.
        num_outputs: K; None: counted in the data.
        vocab_size: See `Corpus`.
        tokenizer: See `Corpus`.
        val_fraction: How much is cut off for validation.
        test_fraction: How much is cut off for test.
    """

    def __init__(
        self,
        context: int,
        batch_size: int,
        seed: int,
        cache: str,
        path: str | None = None,
        hub: str | None = None,
        text: str = "text",
        target: str = "label",
        num_outputs: int | None = None,
        vocab_size: int | None = None,
        tokenizer: str = "bytes",
        val_fraction: float = 0.1,
        test_fraction: float = 0.1,
    ) -> None:
        super().__init__(
            context,
            batch_size,
            seed,
            cache,
            num_outputs,
            vocab_size,
            tokenizer,
            val_fraction,
            test_fraction,
        )
        self.path = None if path is None else Path(path)
        self.hub = hub
        self.text = text
        self.target = target

    def open(self) -> list[Document]:
        """Read the rows; one without a text keeps its place."""
        table = self._table()
        if self.text not in table.column_names:
            known = ", ".join(table.column_names)
            raise ValueError(f"data.text must be one of {known}, got {self.text}")
        texts = [str(text or "") for text in table.column(self.text).to_pylist()]
        labels = self._labels(table)
        return [Document(str(n), t, k) for n, (t, k) in enumerate(zip(texts, labels, strict=True))]

    def load_state(self, state: dict[str, Any]) -> None:
        """Name classes as a trained run did."""
        super().load_state(state)
        self.class_names = state["class_names"]

    def _table(self) -> pa.Table:
        if self.path is None:
            if self.hub is None:
                raise ValueError("the data needs a file or a set of the hub: data.path or data.hub")
            return from_hub(self.hub, "train")
        try:
            if self.path.suffix == ".parquet":
                return pq.read_table(self.path)
            return pyarrow.csv.read_csv(
                self.path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
            )
        except (OSError, pa.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"data.path must be a CSV or parquet file: {reason}") from error

    def _labels(self, table: pa.Table) -> list[int]:
        if self.target not in table.column_names:
            if self._trained_on is not None:
                return [-1] * table.num_rows
            known = ", ".join(table.column_names)
            raise ValueError(f"data.target must be one of {known}, got {self.target}")
        found = table.column(self.target).to_pylist()
        names = ["" if name is None else str(name) for name in found]
        if "" in names:
            if self._trained_on is not None:
                return [-1] * len(names)
            raise ValueError(f"each row must have a target, row {names.index('') + 1} has none")
        self.class_names = self.class_names or sorted(set(names))
        if unknown := sorted(set(names) - set(self.class_names)):
            raise ValueError(
                f"the target must be one of {', '.join(self.class_names)}, got {unknown[0]}"
            )
        return [self.class_names.index(name) for name in names]
