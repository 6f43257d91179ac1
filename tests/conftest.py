"""What every test may ask for."""

import os
import pty
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra

from priced.cli import main
from priced.compose import Config, compose

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background jobs inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["HF_HUB_OFFLINE"] = "1"  # what a test asks the hub for is not there, at once

Configure = Callable[..., Config]
Priced = Callable[..., int]

ROOT = Path(__file__).parent.parent
MNIST = ROOT.parent / "shared" / "data" / "mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason=f"no MNIST files in {MNIST}")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what a test writes below its own folder, and no Hydra of it alive; quote in a hurry."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("priced.run.probe.PROBE_SECONDS", 0.5)
    monkeypatch.delenv("PRICED_ALLOW", raising=False)
    monkeypatch.setattr("priced.check.environment._permitted", set())
    monkeypatch.setattr("priced.check.secret._known", set())
    yield
    GlobalHydra.instance().clear()


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Compose exactly what a user would type."""

    def of(*words: str) -> Config:
        return compose(*words, f"logs={tmp_path}/logs")

    return of


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> Priced:
    """Run the command line in this process, where torch is loaded already."""

    def of(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["priced"])
        try:
            return main(list(words))
        except SystemExit as left:
            return int(left.code or 0)

    return of


@pytest.fixture
def run_folders(tmp_path: Path) -> Callable[[], Sequence[Path]]:
    """List the folders of all runs so far, oldest first."""
    return lambda: sorted(
        (file.parent for file in tmp_path.glob("logs/runs/*/*/receipt.json")),
        key=lambda folder: (folder / "receipt.json").stat().st_ctime_ns,
    )


def said_to_terminal(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> str:
    """Run a command whose errors go to a terminal, to its end; return what it wrote there."""
    ours, theirs = pty.openpty()
    said = b""
    with subprocess.Popen(
        command, cwd=cwd, env=env, stderr=theirs, stdout=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            said += more
    os.close(ours)
    assert process.returncode == 0
    return said.decode()


QUICK = (
    *("max_epochs=2", "model.width=16", "model.depth=1", "logger=none", "callback=[checkpoint]"),
    "figures=false",
)
"""A run of a second or so."""
