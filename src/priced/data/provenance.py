"""Which examples a run learnt from, so that it is never tested on them."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Digests = NDArray[np.uint64]
PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class Provenance:
    """What a run's split was made of.

    Attributes:
        content: A digest of all examples, in their order, with their targets.
        inputs: Likewise without the targets.
        train, val, test: The digest of each input of a part, base64 of 8 bytes each.
        cut: What else fixed the split: fractions, seed, fold.
    """

    content: str
    inputs: str
    train: str
    val: str
    test: str
    cut: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def of_part(self, part: str) -> Digests:
        """Return the digest of each input of a part."""
        return np.frombuffer(base64.b64decode(getattr(self, part)), np.uint64)

    def list_learnt(self) -> frozenset[int]:
        """Return the digests of all inputs that weights were fitted to or chosen by."""
        return frozenset(self.of_part("train").tolist()) | frozenset(self.of_part("val").tolist())


def digest_inputs(inputs: Iterable[bytes]) -> Digests:
    """Return a digest (N,) of each input's bytes."""
    found = b"".join(hashlib.blake2b(one, digest_size=8).digest() for one in inputs)
    return np.frombuffer(found, np.uint64)


def digest_all(digests: Digests, targets: NDArray[np.generic] | None = None) -> str:
    """Return one digest of inputs (N,) in their order, and of their targets."""
    digest = hashlib.sha256(digests.tobytes())
    if targets is not None:
        digest.update(np.ascontiguousarray(targets).tobytes())
    return digest.hexdigest()


def keep(content: str, inputs: str, parts: Sequence[Digests], cut: Mapping[str, Any]) -> Provenance:
    """Return what there is to keep of a split."""
    train, val, test = (base64.b64encode(one.tobytes()).decode() for one in parts)
    return Provenance(content, inputs, train, val, test, dict(cut))


def difference(kept: Provenance, digests: Digests, cut: Mapping[str, Any]) -> str:
    """Return how examples and a way to cut them differ from what was kept; empty if not at all.

    Args:
        kept: Of the run.
        digests: Of each input that there is now.
        cut: What fixes the split now.
    """
    differences = [
        f"data.{key} was {kept.cut.get(key)} and is {cut.get(key)}"
        for key in cut
        if kept.cut.get(key) != cut.get(key)
    ]
    if digest_all(digests) == kept.inputs:
        return "; ".join(differences)
    before = Counter(np.concatenate([kept.of_part(part) for part in PARTS]).tolist())
    now = Counter(digests.tolist())
    more, fewer = (now - before).total(), (before - now).total()
    if more or fewer:
        differences.append(
            f"{more} of {len(digests)} examples were not there then, {fewer} of {before.total()} "
            "are gone"
        )
    return "; ".join(differences)
