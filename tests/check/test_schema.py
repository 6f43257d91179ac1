from dataclasses import fields

import pytest
from omegaconf import OmegaConf

from priced.check import schema
from priced.check.conf_dir import conf_dir

KEPT_ELSEWHERE = {"target", "sweep", "space", "pruner"}
"""Knobs that an option brings: of the task, and of the sweep."""


def test_every_knob_of_the_config_stands_in_the_schema_and_the_other_way_round() -> None:
    written = set(OmegaConf.load(conf_dir() / "config.yaml")) - {"defaults", schema.HYDRA}
    known = {one.name for one in fields(schema.Root)} - KEPT_ELSEWHERE
    assert written == known | {"callback", "logger"}


@pytest.mark.parametrize(
    ("key", "section"),
    [
        ("budget", schema.Budget),
        ("cv", schema.CrossValidation),
        ("predict", schema.Predict),
        ("export", schema.Export),
    ],
)
def test_every_key_of_a_section_stands_in_the_schema(key: str, section: type) -> None:
    written = OmegaConf.load(conf_dir() / "config.yaml")[key]
    assert list(written) == list(schema.annotations(section))


def test_a_place_tells_no_runs_apart_and_may_change() -> None:
    places = set(schema.list_knobs("place"))
    assert places == {"run", "logs", "folder", "ledger"}
    assert places <= set(schema.list_knobs("identity", False)) & set(schema.list_knobs("free"))


def test_every_knob_says_what_it_is_for() -> None:
    sections = (schema.Root, schema.Sections, schema.Target, schema.Budget, schema.Predict)
    assert all(one.metadata["help"] for section in sections for one in fields(section))
