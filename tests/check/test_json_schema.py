import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from priced.check.conf_dir import conf_dir
from priced.check.json_schema import config_schema
from priced.check.option import list_options
from priced.cli import main

OPTIONS = list_options([conf_dir()])


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = config_schema([conf_dir()])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda one: f"{one.group}/{one.name}")
def test_every_option_of_ours_is_valid(validator: Draft202012Validator, option: Any) -> None:
    groups = {"experiment", "technique", "task", "data", "model"}
    content: Mapping[str, Any] = option.content
    assert set(content) != {option.group} or option.group not in {"experiment", "technique"}
    validator.validate(content)
    assert option.comment or option.group in groups


def test_the_primary_config_is_valid(validator: Draft202012Validator) -> None:
    validator.validate(yaml.safe_load((conf_dir() / "config.yaml").read_text()))


@pytest.mark.parametrize(
    "content",
    [
        {"max_epoch": 3},
        {"max_epochs": "many"},
        {"budget": {"euros": 3}},
        {"budget": {"enforce": "perhaps"}},
        {"model": {"_target_": "priced.model.mlp.MLP", "widht": 3}},
        {"model": {"_target_": "priced.model.mlp.MLP", "width": "wide"}},
        {"callback": {"freeze": {"_target_": "priced.callback.freeze.Freeze", "evry": 1}}},
    ],
    ids=str,
)
def test_a_mistake_is_none(validator: Draft202012Validator, content: Mapping[str, Any]) -> None:
    assert list(validator.iter_errors(content))


def test_what_is_open_or_a_users_own_is_valid(validator: Draft202012Validator) -> None:
    validator.validate({"model": {"width": 3}, "max_epochs": "${oc.env:EPOCHS}", "seed": "???"})
    validator.validate({"model": {"_target_": "mine.Net", "anything": [1, 2]}})


def test_an_editor_is_told_what_each_is_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "wide.yaml").write_text("# Wide.\n_target_: torch.nn.Linear\n")
    assert main(["schema", "--config-dir", str(tmp_path)]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["seed"]["description"] == "where all randomness starts"
    known = {one.get("title"): one for one in schema["properties"]["model"]["anyOf"]}
    assert known["GPT"]["properties"]["depth"]["description"] == "Number of blocks."
    assert "in_features" in known["Linear"]["properties"], "an option of the user's own"
