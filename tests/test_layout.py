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


THROUGH = {
    "run/test_run.py": "task/clip build/build build/components build/make build/model build/start "
    "build/trainer run/describe run/files run/stages run/work run/heartbeat "
    "run/dashboard run/stage/evaluate run/stage/fit task/figure task/base task/scoring",
    "run/test_change.py": "run/start",
    "run/test_loop.py": "run/weights",
    "run/test_load.py": "build/data run/stage/predict",
    "run/test_price.py": "run/budget",
    "run/test_quote.py": "run/probe run/ceiling",
    "task/test_classification.py": "task/ranking task/running_scores",
    "task/test_language.py": "run/stage/generate model/sample task/exact",
    "task/test_adversarial.py": "task/picture task/distribution model/gan",
    "run/test_ranks.py": "task/gather callback/device",
    "model/test_stylegan.py": "model/style",
    "callback/test_meter.py": "callback/compiler",
    "model/test_forest.py": "model/learner task/rule",
    "build/test_pretrained.py": "build/lora model/library",
    "cli/test_mistake.py": "build/compatibility check/root check/knob check/reach check/section "
    "cli/verb/claim",
    "cli/test_refusal.py": "check/conf_dir check/terminal",
    "check/test_target.py": "check/signature",
    "check/test_json_schema.py": "check/option cli/verb/schema",
    "check/test_schema.py": "check/config_digest",
    "cli/verb/test_runs.py": "cli/verb/compare cli/verb/export cli/find cli/verb/show",
    "cli/test_price.py": "cli/text/quote cli/text/run record/entries record/receipt report/card "
    "cli/verb/market cli/verb/report report/market_page",
    "sweep/test_sweeper.py": "cli/text/sweep report/sweep sweep/composition sweep/drive "
    "sweep/sampler sweep/words "
    "sweep/outcome sweep/plan sweep/result sweep/setting sweep/start sweep/trial",
    "sweep/test_faults.py": "sweep/worker",
    "compose/test_data_only.py": "check/environment",
    "compose/test_request.py": "compose/option compose/kept compose/experiment",
    "test_conf.py": "compose/price_cut",
    "test_api.py": "room",
    "data/test_image_folder.py": "data/album data/images data/encoded",
    "data/test_mnist.py": "data/labelled",
    "data/test_wine.py": "data/memory data/bundled data/tabular data/base",
    "data/test_text.py": "data/document data/corpus data/running data/hidden",
    "data/test_text_csv.py": "data/snippet",
    "data/test_csv.py": "data/column data/target data/columns",
    "data/test_table.py": "data/delimited data/dialect",
    "model/test_vit_small.py": "model/attention",
    "model/test_resnet18.py": "model/resnet",
    "record/test_ledger.py": "record/connection record/entry record/version",
    "price/test_tariff.py": "price/pricelist",
    "price/test_usage.py": "price/process",
    "run/stage/test_export.py": "run/stage/format",
    "price/test_claim.py": "price/target",
    "report/test_page.py": "report/figure report/ledger",
}
"""Modules that are reached through another one: their tests are that one's."""


def test_every_module_has_its_tests_or_says_whose_they_are() -> None:
    source, tests = ROOT / "src" / "priced", ROOT / "tests"
    listed = {module for modules in THROUGH.values() for module in modules.split()}
    assert [file for file in THROUGH if not (tests / file).is_file()] == []
    missing, needless = [], []
    for file in sorted(source.rglob("*.py")):
        module = file.relative_to(source).with_suffix("")
        if file.name.startswith("__") or "migration" in module.parts:
            continue
        own = (tests / module.parent / f"test_{module.name}.py").is_file()
        own = own or ">>>" in file.read_text()  # its examples are run
        if not own and str(module) not in listed:
            missing.append(str(module))
        if own and str(module) in listed:
            needless.append(str(module))
    assert not missing
    assert not needless
    assert [one for one in listed if not (source / f"{one}.py").is_file()] == []


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


LONGEST, MOST_LINES = 40, 250


def test_no_file_is_longer_than_can_be_looked_over() -> None:
    sizes = {file: len(file.read_text().splitlines()) for file in (ROOT / "src").rglob("*.py")}
    assert [str(file) for file, lines in sizes.items() if lines > MOST_LINES] == []


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {node.name}"
        for file in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
        if node.end_lineno - node.lineno + 1 > LONGEST
    ]
    assert not found
