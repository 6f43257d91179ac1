"""The dashboards, looked at by a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from priced.run.run import run
from tests.conftest import QUICK, ROOT, Configure, Priced

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


def test_a_folder_that_is_not_there_is_refused(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("board", "nowhere") == 2
    assert "needs a folder of runs" in capsys.readouterr().err


@pytest.fixture
def board(configure: Configure, tmp_path: Path) -> Iterator[str]:
    """Serve a run's dashboard; yield its address."""
    words = [word for word in QUICK if not word.startswith(("logger", "figures"))]
    run(configure(*words))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "priced", "board", "logs", "--port", str(port)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _wait(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            assert time.monotonic() < end, "TensorBoard never came"
            time.sleep(0.2)
        else:
            return


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_browser_sees_curves_figures_and_the_final_scores(board: str) -> None:
    from playwright.sync_api import sync_playwright

    keep = os.environ.get("PRICED_SCREENSHOTS")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{board}#timeseries")
        _see(page, "price/usd")
        page.get_by_role("combobox", name="Filter tags (regex)").fill("test/accuracy")
        _see(page, "test/accuracy")
        _keep(page, keep, "scalars")
        page.goto(f"{board}#custom_scalars")
        _see(page, "quality against price")
        _keep(page, keep, "money")
        page.goto(f"{board}#images")
        _see(page, "test/confusion_matrix")
        _keep(page, keep, "images")
        page.goto(f"{board}#hparams")
        _see(page, "model.width")
        _see(page, "test/accuracy")
        _keep(page, keep, "hparams")
        browser.close()


def _see(page: Any, text: str) -> None:
    """Wait until a text is really shown: tabs that are not open keep theirs, hidden."""
    page.locator(f"text={text} >> visible=true").first.wait_for(timeout=60_000)


def _keep(page: Any, folder: str | None, name: str) -> None:
    if folder:
        page.wait_for_timeout(3000)
        page.screenshot(path=f"{folder}/{name}.png")


def test_only_this_machine_reaches_the_board(board: str) -> None:
    port = int(board.rstrip("/").rpartition(":")[2])
    with socket.socket(socket.AF_INET) as probe:
        outside = _other_address()
        if outside is None:
            pytest.skip("this machine has no address but the loopback's")
        assert probe.connect_ex((outside, port)) != 0


def _other_address() -> str | None:
    found = [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return next((str(address) for address in found if not str(address).startswith("127.")), None)
