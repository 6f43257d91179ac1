import pytest

from priced.cli.verb import doctor
from tests.conftest import Priced


def test_versions_devices_and_extras_are_said(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("doctor") == 0
    out = capsys.readouterr().out
    assert "lightning 2." in out
    assert "device: " in out
    assert "extra wandb: " in out


@pytest.mark.parametrize("version", ["2.6.2", "2.6.3"])
def test_a_malicious_lightning_is_flagged_and_not_imported(
    priced: Priced,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    version: str,
) -> None:
    real = doctor.find_version
    monkeypatch.setattr(
        doctor, "find_version", lambda name: version if name == "lightning" else real(name)
    )
    monkeypatch.setattr(doctor, "_devices", lambda: pytest.fail("torch was imported"))
    assert priced("doctor") == 1
    assert "GHSA-w37p-236h-pfx3" in capsys.readouterr().out


def test_a_package_that_is_too_old_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.find_version
    monkeypatch.setattr(
        doctor, "find_version", lambda name: "2.5.0" if name == "torch" else real(name)
    )
    assert any("torch must be >=2.10" in fault for fault in doctor.version_faults())


def test_an_extra_names_what_it_still_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.find_version
    monkeypatch.setattr(
        doctor, "find_version", lambda name: None if name == "wandb" else real(name)
    )
    assert doctor.extras()["wandb"] == ["wandb"]
