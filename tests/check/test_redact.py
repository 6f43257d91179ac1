"""A canary in every place that a secret may stand in reaches no file."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from priced.check.environment import permit
from priced.check.redact import redact_config, redact_overrides, redact_source
from priced.check.secret import MASK, is_secret
from priced.run.run import run
from tests.check.test_secret import AROUND, LETTERS, SHAPES
from tests.conftest import QUICK, Configure, Priced

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


def test_no_sink_of_a_run_shows_what_has_the_shape_of_a_secret(
    priced: Priced, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Files, ledger, dashboards, card, report, CSV and terminal, of sixty canaries each."""
    texts = [secret.replace("\n", " ") for secret in SHAPES]
    texts += [around.format(f"k/{LETTERS}{n}") for n, around in enumerate(AROUND)]
    tags = ",".join(f"'{text.replace(chr(39), '')}'" for text in texts)
    quick = [word for word in QUICK if not word.startswith("logger")]
    words = [*quick, "max_epochs=1", "logger=[tensorboard,csv]", f"tags=[{tags}]"]
    address = f"https://me:{LETTERS}@host/?sig={LETTERS}&api_key={LETTERS}"
    assert priced("train", *words, f"tariff.source={address}") == 0
    assert priced("runs", "show", "last") == 0
    assert priced("runs", "card", "last") == 0
    assert priced("report") == 0
    assert priced("report", "--out", str(tmp_path / "logs/board.html")) == 0
    shown = capfd.readouterr()
    canary = LETTERS[:12].lower()
    assert canary not in (shown.out + shown.err).lower()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 12
    holding = [str(file) for file in files if canary.encode() in file.read_bytes().lower()]
    assert holding == []


def test_an_error_of_a_users_own_code_shows_no_secret(
    priced: Priced, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "leaks.py").write_text(
        "from torch import nn\n"
        "class Leaks(nn.Linear):\n"
        "    def __init__(self, in_shape, out_features, width, depth):\n"
        "        super().__init__(64, 10)\n"
        "    def forward(self, x):\n"
        f"        raise RuntimeError('no access with ghp_{LETTERS} at https://me:{LETTERS}@host/x')\n"
    )
    words = ("logger=none", "figures=false", "model._target_=leaks.Leaks")
    assert priced("train", "--allow", "leaks", *words) == 2
    shown = capfd.readouterr()
    assert "no access" in shown.err
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".py"]
    texts = [file.read_bytes() for file in files if file.suffix != ".pyc"]
    assert LETTERS.encode() not in b"".join(texts)
    assert LETTERS not in shown.err + shown.out
