"""Optuna's dashboard over the sweeps, asked as a browser would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import QUICK, ROOT, Priced


def test_it_shows_every_sweep_on_this_machine_alone(priced: Priced, tmp_path: Path) -> None:
    pytest.importorskip("optuna_dashboard", reason="no priced[dashboard]")
    for name in ("one", "two"):
        assert priced("train", "-m", *QUICK, f"sweep.name={name}", "model.width=8,16") == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "priced", "dashboard", "--port", str(port)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies") as answer:
                    found = json.load(answer)
                break
            except OSError:
                assert time.monotonic() < end, "it never came up"
                time.sleep(0.2)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    names = {study["study_name"].partition("@")[0] for study in found["study_summaries"]}
    assert names == {"one", "two"}


def test_a_folder_without_sweeps_is_refused(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optuna_dashboard", reason="no priced[dashboard]")
    assert priced("dashboard", "nowhere") == 2
    assert "needs a folder of sweeps" in capsys.readouterr().err
