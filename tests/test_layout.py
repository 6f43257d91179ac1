"""The shape of the house."""

from tests.conftest import ROOT

TOP = {
    "README.md",
    "Makefile",
    "pyproject.toml",
    "train.py",
    "conf",
    "docs",
    "src",
    "tests",
    "logs",
}


def test_the_top_level_holds_what_the_readme_says_and_nothing_else() -> None:
    made_here = {"dist", "build"}
    seen = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - made_here
    assert seen == TOP | {"constraints.txt"}


def test_the_lock_names_plain_versions_of_torch_and_setuptools() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all("==" in line and "+" not in line and "@" not in line for line in lines)
    assert {"torch==2.13.0"} <= set(lines)
    assert any(line.startswith("setuptools==") for line in lines)
