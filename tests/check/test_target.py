"""What a config may call, and with what."""

from collections.abc import Callable
from typing import Any

import pytest

from priced.check.signature import signature
from priced.check.source import find, literal
from priced.check.target import check_targets

HOSTILE = [
    "os.system", "subprocess.run", "builtins.eval", "torch.load", "torch.hub.load",
    "torch.serialization.load", "lightning.pytorch.LightningModule.load_from_checkpoint",
    "numpy.load", "pickle.loads", "priced.run.run", "priced.record.ledger.append",
    "priced.data.digits.load_digits", "priced.data.csv.hashlib.sha256", "priced.data.csv.Path",
    "torch.optim.torch.load", "torch.nn.modules.module.torch.load", "priced.task.base.np.load",
    "torch.nn", "priced.data", "", "..", "priced.data.csv.CSV.read.__globals__",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_a_hostile_target_is_refused_without_being_imported(target: str) -> None:
    with pytest.raises(ValueError, match=r"_target_ must"):
        check_targets({"model": {"_target_": target}}, frozenset())


@pytest.mark.parametrize("where", ["inner", "listed"])
def test_a_nested_target_is_held_to_the_same(where: str) -> None:
    hostile: Any = {"_target_": "os.system", "command": "true"}
    node = {"_target_": "torch.nn.Sequential", "_args_": [hostile]}
    if where == "inner":
        node = {"_target_": "torch.nn.Linear", "in_features": hostile, "out_features": 3}
    with pytest.raises(ValueError, match="whitelist"):
        check_targets({"model": node}, frozenset())


def test_what_the_user_allows_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    node = {"_target_": "fractions.Fraction", "numerator": 1}
    with pytest.raises(ValueError, match="--allow fractions"):
        check_targets({"model": node}, frozenset())
    monkeypatch.setenv("PRICED_ALLOW", "other, fractions")
    check_targets({"model": node}, frozenset())


def test_a_signature_read_from_source_is_the_real_one() -> None:
    import inspect

    from lightning.pytorch import Trainer
    from lightning.pytorch.callbacks import EarlyStopping
    from lightning.pytorch.loggers import TensorBoardLogger
    from torch.optim import SGD, AdamW

    from priced.price.tariff import Tariff

    real: list[Callable[..., Any]] = [
        AdamW, SGD, Trainer, EarlyStopping, TensorBoardLogger, Tariff,
    ]  # fmt: skip
    for one in real:
        public = {
            "torch.optim": "torch.optim",
            "lightning.pytorch.trainer.trainer": "lightning.pytorch",
        }
        read = signature(f"{public.get(one.__module__, one.__module__)}.{one.__name__}")
        parameters = inspect.signature(one).parameters.values()
        named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        assert read is not None
        assert set(read.annotations) == {p.name for p in named}
        assert read.required == tuple(p.name for p in named if p.default is p.empty)


@pytest.mark.parametrize(
    ("target", "own", "inherited", "given"),
    [
        ("digits.Digits", (), ("augment", "batch_size", "val_fraction"), ()),
        ("csv.CSV", ("path", "decimal"), ("drop", "seed", "shape"), ("num_workers",)),
        ("mnist.MNIST", ("root", "hub"), ("augment", "seed"), ("test_fraction",)),
        ("text.Text", ("path", "pattern"), ("context", "cache", "seed"), ("shape",)),
    ],
)
def test_arguments_that_are_handed_on_to_a_base_are_taken_too(
    target: str, own: tuple[str, ...], inherited: tuple[str, ...], given: tuple[str, ...]
) -> None:
    read = signature(f"priced.data.{target}")
    assert read is not None
    assert {*own, *inherited} <= {*read.annotations}
    assert not {*given, "inherited"} & {*read.annotations}, "what it says itself is nobody's to say"
    assert not read.open
    assert {"batch_size", "seed"} <= {*read.required}
    assert read.defaults["val_fraction"] == 0.1


def test_a_class_attribute_is_read_from_source_inherited_too() -> None:
    found = find("priced.task.classification.Classification")
    assert found is not None
    from priced.task.classification import Classification

    assert literal(found, "METRICS") == Classification.METRICS
