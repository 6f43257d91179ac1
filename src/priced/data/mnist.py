"""The MNIST handwritten digits, in the layout of the Hugging Face hub."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from priced.data.album import Album
from priced.data.encoded import Encoded
from priced.data.images import Images


class MNIST(Images):
    """70,000 handwritten digits of 28 x 28 grey pixels; 10,000 are the test part.

    Batches are `(x, y)`: x (B, 1, 28, 28) float32, y (B,) int64 in 0..9. Read from parquet files
    with the columns `image` {bytes, path} and `label`.

    Args:
        shape: [1, 28, 28].
        num_outputs: K, 10.
        batch_size: B.
        seed: Fixes the validation part and the order of every epoch.
        root: The folder that holds train*.parquet and test*.parquet, at any depth; None: `hub`.
        hub: The data set's name on the Hugging Face hub, read through the `datasets` library.
        val_fraction: How much of the 60,000 is cut off for validation.
        in_memory: See `Images`.
        num_workers: See `Images`.

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to
    Document Recognition", Proceedings of the IEEE 86(11), 1998.
    """

    def __init__(
        self,
        shape: list[int],
        num_outputs: int,
        batch_size: int,
        seed: int,
        root: str | None = None,
        hub: str = "ylecun/mnist",
        val_fraction: float = 0.1,
        in_memory: bool | Literal["auto"] = "auto",
        num_workers: int = 0,
    ) -> None:
        super().__init__(
            shape,
            num_outputs,
            batch_size,
            seed,
            val_fraction,
            in_memory=in_memory,
            num_workers=num_workers,
        )
        self.root = None if root is None else Path(root)
        self.hub = hub

    def open(self) -> tuple[Album, Album]:
        """Read the parquet files, or ask the hub for them."""
        assert self.num_outputs is not None
        self.class_names = [str(label) for label in range(self.num_outputs)]
        return self._album("train"), self._album("test")

    def _album(self, part: str) -> Album:
        table = self._from_hub(part) if self.root is None else _from_disk(self.root, part)
        try:
            pictures = table.column("image").combine_chunks().field("bytes").to_pylist()
            labels = table.column("label").to_numpy().astype(np.int64)
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise ValueError(
                f"the {part} file must have the columns image {{bytes, path}} and label, "
                f"got {', '.join(table.column_names)}"
            ) from error
        assert self.shape is not None
        return Album(Encoded(pictures, channels=self.shape[0]), labels)

    def _from_hub(self, part: str) -> pa.Table:
        try:
            from datasets import load_dataset
        except ImportError as error:
            raise ValueError(
                "data=mnist needs data.root=<folder of parquet files>, or the hub's library: "
                "pip install 'priced[hub]'"
            ) from error
        try:
            loaded: Any = load_dataset(self.hub, split=part)
        except Exception as error:  # the library raises whatever its transports raise
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(
                f"{self.hub} could not be had from the hub ({reason}); "
                "give data.root=<folder of parquet files>"
            ) from error
        table: pa.Table = loaded.with_format("arrow")[:]
        return table


def _from_disk(root: Path, part: str) -> pa.Table:
    files = sorted(root.rglob(f"{part}*.parquet"))
    if not files:
        raise ValueError(f"data.root must hold {part}*.parquet, found none in {root}")
    try:
        return pa.concat_tables([pq.read_table(file) for file in files])
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{files[0]} must be a readable parquet file: {reason}") from error
