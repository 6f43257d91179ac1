"""Where a sweep's study is kept, and how it survives what happens to its storage."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import optuna
from filelock import FileLock
from optuna.storages import BaseStorage, GrpcStorageProxy, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from priced.check.reach import check_reachable
from priced.check.redact import redact_text

log = logging.getLogger(__name__)

JOURNAL = "study.journal"
PATIENCE_SECONDS = 120.0
"""How long a storage may be away before a worker gives up."""
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0
_GRPC = "grpc"
_BUSY_SECONDS = 60

Result = TypeVar("Result")


class KernelLock(BaseJournalFileLock):
    """A journal's lock that a killed worker cannot leave behind: the kernel lets go of it.

    Whoever takes it mends the journal first: a line that a killed writer tore would make every
    later one unreadable.

    Args:
        journal: The file that it guards.
    """

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self._lock = FileLock(f"{journal}.lock")

    def acquire(self) -> bool:
        """Wait for the lock."""
        self._lock.acquire()
        mend(self.journal)
        return True

    def release(self) -> None:
        """Let go of it."""
        self._lock.release()


@contextmanager
def experiments_unsaid() -> Iterator[None]:
    """Keep to ourselves that Optuna may still change a part of it that we take."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


def mend(journal: Path) -> None:
    """Cut off a last line that was never finished, and say so."""
    with journal.open("rb+") as file:
        end = file.seek(0, 2)
        if not end:
            return
        file.seek(end - 1)
        if file.read(1) == b"\n":
            return
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
    log.warning("%s ended in a torn line of %d bytes: it is cut off", journal, end - whole)


def open_storage(url: str | None, folder: Path) -> BaseStorage:
    """Return the storage that an address means.

    Args:
        url: `sqlite:///…`, `postgresql+psycopg://…`, `grpc://host:port` of Optuna's proxy; None: a
            journal in the sweep's folder.
        folder: The sweep's.

    Raises:
        ValueError: If it cannot be reached.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if url is None:
        journal = folder / JOURNAL
        return JournalStorage(JournalFileBackend(str(journal), lock_obj=KernelLock(journal)))
    try:
        return _of_url(url)
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        message = redact_text(f"{url} cannot be used: {reason}")
        raise ValueError(f"sweep.storage {message}") from error


def check_storage(url: str | None, folder: Path) -> None:
    """Refuse an address where nobody answers, before anything of a sweep is written.

    Args:
        url: As `open_storage` takes it.
        folder: The sweep's.

    Raises:
        ValueError: If it cannot be reached.
    """
    if url is None:
        return
    check_reachable("sweep.storage", url)
    open_storage(url, folder)


def _of_url(url: str) -> BaseStorage:
    parts = urlsplit(url)
    if parts.scheme == _GRPC:
        if not parts.hostname or not parts.port:
            raise ValueError("the address of a proxy is grpc://host:port")
        with experiments_unsaid():
            return GrpcStorageProxy(host=parts.hostname, port=parts.port)
    # Each call has a connection of its own: one that a server dropped is in nobody's way.
    how: dict[str, Any] = {"poolclass": NullPool}
    if parts.scheme.startswith("sqlite"):
        how["connect_args"] = {"timeout": _BUSY_SECONDS}
    return RDBStorage(url, engine_kwargs=how)


class Away(RuntimeError):
    """A storage could not be reached for longer than anyone waits."""


def patiently(call: Callable[[], Result], seconds: float = PATIENCE_SECONDS) -> Result:
    """Return what a call on the study returns; a storage that is away is waited for.

    Args:
        call: Safe to make again after it failed.
        seconds: How long to go on trying.

    Raises:
        Away: Once patience is over.
        Exception: Whatever else the call raises.
    """
    end, wait = time.monotonic() + seconds, _FIRST_WAIT
    while True:
        try:
            return call()
        except Exception as error:
            if not is_away(error):
                raise
            if time.monotonic() > end:
                message = redact_text(str(error).splitlines()[0])
                raise Away(f"the sweep's storage is away: {message}") from error
            if wait == _LONGEST_WAIT:
                log.warning(
                    "the sweep's storage is away: %s", redact_text(str(error).splitlines()[0])
                )
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)


def is_away(error: BaseException | None) -> bool:
    """Say whether an error is that of a storage that cannot be reached just now."""
    while error is not None:
        name = type(error).__module__.partition(".")[0]
        if isinstance(error, SQLAlchemyError | optuna.exceptions.StorageInternalError):
            return True
        if name == "grpc":
            return True
        error = error.__cause__ or error.__context__
    return False
