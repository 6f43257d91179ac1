"""A text of a corpus."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A text that is never in two parts.

    Attributes:
        name: What it is known by.
        text: All of it.
        label: Its class; -1 where it has none.
    """

    name: str
    text: str
    label: int = -1


def digest_documents(documents: list[Document]) -> str:
    """Return a digest of documents, their names and classes."""
    digest = hashlib.sha256()
    for one in documents:
        digest.update(f"{one.name}\0{one.label}\0{len(one.text)}\0".encode())
        digest.update(one.text.encode())
    return digest.hexdigest()
