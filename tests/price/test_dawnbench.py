"""The records of DAWNBench, worked out again from the files as submitted."""

import csv
import json
from pathlib import Path

import pytest

from priced.price.dawnbench import as_tsv, hit, usd
from priced.price.fact import read_facts
from tests.conftest import ROOT
from tests.price.test_ladder import points

ENTRIES = ROOT.parent / "shared" / "prices" / "dawnbench_entries"
COLUMN = {"CIFAR10/train": ("top1Accuracy", 94.0), "ImageNet/train": ("top5Accuracy", 93.0)}


def _file(row: dict[str, str]) -> Path:
    task, _, name = row["file"].partition("/train/")
    return ENTRIES / task / name


@pytest.mark.skipif(not ENTRIES.is_dir(), reason=f"no DAWNBench entries in {ENTRIES}")
def test_every_record_follows_from_its_files_by_the_rule() -> None:
    priced = timed = 0
    for row in read_facts("dawnbench"):
        entry = json.loads(_file(row).read_text())
        with _file(row).with_suffix(".tsv").open() as lines:
            rows = [
                {k.strip(): v for k, v in r.items() if k}
                for r in csv.DictReader(lines, delimiter="\t")
            ]
        column, threshold = COLUMN[row["task"]]
        found = hit(rows, column, threshold)
        assert found["hours"] == pytest.approx(float(row["hours"]), abs=1e-6), row["file"]
        assert found["value"] == pytest.approx(float(row["value_at_hit"])), row["file"]
        timed += 1
        if row["usd"]:
            price = usd(found["hours"], float(entry["costPerHour"]))
            assert price == pytest.approx(float(row["usd"]), abs=1e-4), row["file"]
            priced += 1
    assert (timed, priced) == (45, sum(1 for row in read_facts("dawnbench") if row["usd"]))
    assert priced > 25


def test_a_curve_becomes_rows_whose_clock_is_train_only() -> None:
    rows = list(csv.DictReader(as_tsv(points(0.5, 0.95)).splitlines(), delimiter="\t"))
    assert hit(rows, "top1Accuracy", 94) == {"hours": pytest.approx(2 / 3600), "value": 95.0}
    assert hit(rows, "top1Accuracy", 99) == {}
