import pytest

from priced.run.run import run
from tests.conftest import QUICK, Configure


@pytest.mark.slow
def test_compiling_is_a_phase_of_its_own_and_changes_no_count(configure: Configure) -> None:
    plain = run(configure(*QUICK))
    compiled = run(configure(*QUICK, "callback=[checkpoint,compile]"))
    phases = compiled.usage.seconds_by_phase
    assert phases["compile"] > 0
    assert "compile" not in plain.usage.seconds_by_phase
    assert sum(phases.values()) == pytest.approx(compiled.usage.seconds, rel=0.02)
    assert compiled.usage.fit_seconds == pytest.approx(
        phases["compile"] + phases["train_step"] + phases["data_wait"]
    )
    assert compiled.usage.flops == plain.usage.flops
    assert compiled.scores["test/accuracy"] == pytest.approx(
        plain.scores["test/accuracy"], abs=0.05
    )
