"""A canary in every place that a secret may stand in reaches no file."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from priced.check.environment import permit
from priced.check.redact import MASK, is_secret, redact_config, redact_overrides, redact_source
from priced.run.run import run
from tests.conftest import QUICK, Configure

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("logger.wandb.api_key", True),
        ("token", True),
        ("hf_token", True),
        ("PASSWORD", True),
        ("aws.secret_access_key", True),
        ("tokenizer", False),
        ("tokens_per_batch", False),
        ("data.keys", False),
        ("author", False),
    ],
)
def test_a_key_looks_like_a_secret_or_does_not(key: str, secret: bool) -> None:
    assert is_secret(key) is secret


def test_what_comes_from_the_environment_is_masked_wherever_it_ends_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HIDDEN", CANARY)
    permit(["a=${oc.env:HIDDEN}"])
    cfg = OmegaConf.create(
        {
            "a": "${oc.env:HIDDEN}",
            "b": "${a}",
            "c": ["x-${oc.env:HIDDEN}"],
            "url": f"postgresql://me:{CANARY}@host/db",
            "token": CANARY,
            "plain": 3,
        }
    )
    assert CANARY not in str(redact_config(cfg))
    assert redact_config(cfg)["plain"] == 3
    assert redact_source(cfg).a == CANARY, "an interpolation is kept, its value is not"
    assert CANARY not in OmegaConf.to_yaml(redact_source(cfg), resolve=False)


@pytest.mark.parametrize("value", ["0", "a", "cpu"])
def test_a_short_value_of_the_environment_is_not_masked_in_other_words(
    monkeypatch: pytest.MonkeyPatch, configure: Configure, value: str
) -> None:
    monkeypatch.setenv("WHO", value)
    cfg = configure("tags=['${oc.env:WHO}']")
    assert redact_config(cfg.tree)["tags"] == [MASK]
    assert redact_config(cfg.tree)["seed"] == 0
    assert redact_source(cfg.tree).model._target_ == "priced.model.mlp.MLP"


def test_overrides_are_masked(configure: Configure) -> None:
    words = ["a.token=x", "+b.password=x", "ledger=postgresql://me:x1y@h/d", "seed=1"]
    shown = redact_overrides(words, configure().tree)
    assert shown == [
        f"a.token={MASK}", f"+b.password={MASK}", f"ledger=postgresql://me:{MASK}@h/d", "seed=1",
    ]  # fmt: skip


def test_no_file_of_a_run_holds_a_secret(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIDDEN", CANARY)
    quick = [word for word in QUICK if not word.startswith("logger")]
    words = [*quick, "logger=[tensorboard,csv]", f"tags=[{CANARY}]"]
    cfg = configure(*words, "tariff.source=${oc.env:HIDDEN}")
    run(cfg)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 10
    holding = [str(file) for file in files if CANARY.encode() in file.read_bytes()]
    assert not holding
