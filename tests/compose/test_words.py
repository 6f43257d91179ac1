import pytest

from priced.check.option import list_options
from priced.check.signature import signature
from priced.compose.words import open_key
from tests.conftest import ROOT

NOT_TYPED = {
    "callback.folder",
    "callback.monitor",
    "callback.mode",
    "schedule.monitor",
    "task.file",
}
"""Set by the options themselves, below the key of another."""


def is_text(annotation: object) -> bool:
    return annotation in (str, str | None)


def list_texts() -> set[str]:
    """Return the arguments of all options' classes that take text, by key."""
    found = set()
    for option in list_options([ROOT / "conf"]):
        for section, node in option.list_nodes():
            target = str(node.get("_target_", ""))
            known = signature(target) if target.startswith("priced.") else None
            texts = {} if known is None else known.annotations
            found |= {f"{section}.{name}" for name, kind in texts.items() if is_text(kind)}
    return found - NOT_TYPED


@pytest.mark.parametrize("key", sorted(list_texts()))
def test_text_is_taken_as_it_is_typed_whatever_argument_it_is_for(key: str) -> None:
    assert open_key(f"{key}=a (1) c").endswith("='a (1) c'")
