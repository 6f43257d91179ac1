from pathlib import Path
from tempfile import mkdtemp

import pytest

from priced.data import stdlib
from tests.conftest import Configure
from tests.data.battery import TextBattery, built

CACHE = mkdtemp(prefix="priced-cache-")
"""What all tests here tokenise once."""


class TestStdlib(TextBattery):
    overrides = ("data=stdlib", "data.context=64", f"data.cache={CACHE}")

    @pytest.fixture(autouse=True)
    def _few_modules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stdlib, "modules", lambda read=stdlib.modules: read("email", "json"))


def test_it_is_the_source_of_the_library_without_its_tests(configure: Configure) -> None:
    names = [Path(name) for name, _ in stdlib.modules()]
    assert {"ast.py", "email/message.py"} <= {name.as_posix() for name in names}
    assert not any({"test", "tests", "site-packages"} & set(name.parts) for name in names)
    data = built(configure, "data=stdlib")
    parts = [len(part) for part in (data.train, data.val, data.test)]
    assert sum(parts) * 128 > 5_000_000
