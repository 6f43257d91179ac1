import importlib
import inspect

import pytest

from priced.check.allowed import ALLOWED
from priced.check.option import list_options
from tests.conftest import ROOT


def list_targets(node: object) -> set[str]:
    """Return every `_target_` in a node."""
    if not isinstance(node, dict):
        return set()
    own = {str(node["_target_"])} if "_target_" in node else set()
    return own.union(*(list_targets(inner) for inner in node.values()))


def test_the_options_name_what_is_allowed_of_ours_and_nothing_else() -> None:
    named = set().union(*(list_targets(one.content) for one in list_options([ROOT / "conf"])))
    assert named <= ALLOWED
    assert {one for one in ALLOWED if one.startswith("priced.")} <= named


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_each_is_a_class_that_only_builds_an_object(name: str) -> None:
    module, _, own = name.rpartition(".")
    found = getattr(importlib.import_module(module), own)
    assert inspect.isclass(found)
    assert not own.startswith("_")


@pytest.mark.parametrize("name", ["torch.nn.ReLU", "torch.nn.Identity", "torch.nn.GELU"])
def test_what_is_allowed_is_built_wherever_it_is_defined(name: str) -> None:
    from priced.build.make import make

    made = make({"_target_": name, "_partial_": True}, "model.act")
    assert made.func.__name__ == name.rpartition(".")[2]
