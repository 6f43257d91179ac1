"""Pictures and their classes in the layout of the Hugging Face hub."""

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from priced.data.album import Album
from priced.data.encoded import Encoded
from priced.data.images import Images


class Labelled(Images):
    """Parquet files with a picture {bytes, path} and a class a row.

    Batches are `(x, y)`: x (B, C, H, W) float32, y (B,) int64. Names of classes are those that the
    files state, else `NAMES`, else numbers.

    Args:
        shape: [C, H, W].
        num_outputs: K.
        hub: The data set's name on the Hugging Face hub, read through the `datasets` library.
        root: The folder that holds train*.parquet and test*.parquet, at any depth; None: `hub`.
        image: The column of pictures.
        target: The column of classes.
        resize: Whether pictures of another size are resized to `shape`, or refused.
    """

    NAMES: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        shape: list[int],
        num_outputs: int,
        hub: str,
        root: str | None = None,
        image: str = "image",
        target: str = "label",
        resize: bool = False,
        **inherited: Any,
    ) -> None:
        super().__init__(shape=shape, num_outputs=num_outputs, test_fraction=0.2, **inherited)
        self.hub = hub
        self.root = None if root is None else Path(root)
        self.image = image
        self.target = target
        self.resize = resize

    def open(self) -> Album:
        """Read the parquet files, or ask the hub for them."""
        learn, test = self._table("train"), self._table("test")
        assert self.num_outputs is not None
        numbers = [str(label) for label in range(self.num_outputs)]
        self.class_names = _read_stated_names(learn, self.target) or list(self.NAMES) or numbers
        (pictures, labels), (more, others) = self._rows(learn, "train"), self._rows(test, "test")
        given = np.repeat(np.array([Album.TRAIN, Album.TEST], np.int8), [len(labels), len(others)])
        names = [f"train {row}" for row in range(1, len(labels) + 1)]
        names += [f"test {row}" for row in range(1, len(others) + 1)]
        assert self.shape is not None
        channels, height, width = self.shape
        size = (height, width) if self.resize else None
        encoded = Encoded([*pictures, *more], channels, size)
        return Album(encoded, np.concatenate([labels, others]), given, names)

    def _table(self, part: str) -> pa.Table:
        return from_hub(self.hub, part) if self.root is None else _from_disk(self.root, part)

    def _rows(self, table: pa.Table, part: str) -> tuple[list[bytes], NDArray[np.int64]]:
        try:
            pictures = table.column(self.image).combine_chunks().field("bytes").to_pylist()
            labels = table.column(self.target).to_numpy().astype(np.int64)
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise ValueError(
                f"the {part} file must have the columns {self.image} {{bytes, path}} and "
                f"{self.target}, got {', '.join(table.column_names)}"
            ) from error
        return pictures, labels


def from_hub(name: str, part: str) -> pa.Table:
    """Return a part of a data set of the hub.

    Raises:
        ValueError: If the library is missing or the set cannot be had.
    """
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise ValueError(
            "the data needs data.root=<folder of parquet files>, or the hub's library: "
            "pip install 'priced[hub]'"
        ) from error
    try:
        loaded: Any = load_dataset(name, split=part)
    except Exception as error:  # the library raises whatever its transports raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"{name} could not be had from the hub ({reason}); "
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


def _read_stated_names(table: pa.Table, target: str) -> list[str]:
    """Return the names of the classes that the hub writes into a file's metadata."""
    metadata = (table.schema.metadata or {}).get(b"huggingface")
    features = json.loads(metadata)["info"]["features"] if metadata else {}
    return [str(name) for name in features.get(target, {}).get("names", [])]
