"""The shape of the house."""

import ast

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


PARTICIPLES = {
    *("built", "chosen", "done", "drawn", "found", "given", "gone", "held", "kept", "known"),
    *("learnt", "lost", "made", "meant", "said", "seen", "sent", "shown", "spent", "taken"),
    *("thrown", "told", "written", "left", "paid", "begun"),
}
ENDS_AS_ONE = {"embed", "feed", "need", "proceed", "seed", "speed"}


def is_participle(word: str) -> bool:
    return word in PARTICIPLES or (word.endswith("ed") and word not in ENDS_AS_ONE)


def test_no_function_is_named_by_a_participle() -> None:
    found = []
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.FunctionDef) or is_property(node):
                continue
            if is_participle(node.name.strip("_").partition("_")[0]):
                found.append(f"{file.relative_to(ROOT)}: {node.name}")
    assert not found


def is_property(node: ast.FunctionDef) -> bool:
    """Return whether it reads as an attribute, which may be a participle."""
    return any("property" in ast.unparse(one) for one in node.decorator_list)


LONGEST = 40


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {node.name}"
        for file in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
        if node.end_lineno - node.lineno + 1 > LONGEST
    ]
    assert not found
