from pathlib import Path

import pytest

from priced.check.conf_dir import conf_dir
from priced.price.accelerator import accelerator
from priced.price.pricelist import find_tariff, tariff_of, tariffs
from priced.price.tariff import Tariff

OPTIONS = conf_dir() / "tariff"


def test_an_hour_costs_the_machine_and_the_energy_that_it_drew() -> None:
    tariff = Tariff("box", 0.04, "stated", "2026-01-01", usd_per_kwh=0.2)
    assert tariff.price(3600, joules=360_000) == pytest.approx(0.04 + 0.1 * 0.2)
    assert tariff.price(1800, nodes=4) == pytest.approx(2 * tariff.price(3600))


@pytest.mark.parametrize("key", ["usd_per_hour", "usd_per_kwh", "accelerators", "vcpus"])
def test_a_negative_price_or_count_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        Tariff(**{"name": "x", "usd_per_hour": 0, "source": "", "as_of": "", key: -1})


def test_there_are_fifty_price_lists_each_with_its_source_and_its_day() -> None:
    found = tariffs(OPTIONS)
    assert len(found) >= 50
    for name, tariff in found.items():
        assert tariff.name == name
        assert tariff.source
        assert tariff.as_of[:2] == "20" or "undated" in tariff.as_of
        assert tariff.accelerators or tariff.vcpus or tariff.kind == "owned"
        if tariff.accelerator is not None:
            assert accelerator(tariff.accelerator, "bf16-mixed") is not None


def test_a_tariff_is_had_as_it_was_on_a_day() -> None:
    assert find_tariff("aws_p5", OPTIONS).usd_per_hour == 55.04
    old = find_tariff("aws_p5@2024-06-01", OPTIONS)
    assert (old.usd_per_hour, old.as_of) == (98.32, "2023-07-31")
    assert find_tariff("aws_p5@2025-07-01", OPTIONS).usd_per_hour == 55.04
    with pytest.raises(ValueError, match="first known price is of 2023-07-31"):
        find_tariff("aws_p5@2020-01-01", OPTIONS)


def test_a_tariff_of_ones_own_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nusd_per_hour: 2\nsource: us\nas_of: '2026'\n")
    assert find_tariff(str(file), OPTIONS).price(3600) == 2
    file.write_text("name: mine\n")
    for text, said in {
        "name: mine\n": "must give .*; usd_per_hour, source, as_of is missing",
        "usd_per_our: 3\n": "usd_per_our is no key of a tariff",
        "name: mine\nusd_per_hour: lots\nsource: us\nas_of: x\n": "must be a number, got 'lots'",
        "a: [\n": "must be a readable tariff",
    }.items():
        file.write_text(text)
        with pytest.raises(ValueError, match=said) as refused:
            find_tariff(str(file), OPTIONS)
        assert len(str(refused.value).splitlines()) == 1
    with pytest.raises(ValueError, match="they are aws_c5"):
        find_tariff("zzz", OPTIONS)
    with pytest.raises(ValueError, match="did you mean aws_p6_b"):
        find_tariff("aws_p6", OPTIONS)


@pytest.mark.parametrize("day", ["yesterday", "2024", "2024-13-01"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="must be YYYY-MM-DD, got"):
        find_tariff(f"aws_p5@{day}", OPTIONS)


def test_a_tariff_kept_by_another_version_is_read() -> None:
    kept = {"name": "x", "usd_per_hour": 1.0, "source": "", "as_of": "", "watts": 65}
    assert tariff_of(kept).usd_per_hour == 1.0


@pytest.mark.parametrize(
    ("driver", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA A100-SXM4-40GB", "A100 SXM 40GB"),
        ("NVIDIA A100-SXM4-80GB", "A100 SXM 80GB"),
        ("Tesla V100-SXM2-16GB", "V100 SXM2"),
        ("Tesla T4", "T4"),
        ("NVIDIA L40S", "L40S"),
        ("NVIDIA H200", "H200 SXM"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
    ],
)
def test_a_driver_s_name_finds_the_accelerator(driver: str, name: str) -> None:
    found = accelerator(driver, "32-true")
    assert found is not None
    assert found.name == name


def test_precision_decides_the_peak() -> None:
    peaks = [accelerator("H100 SXM", p) for p in ("32-true", "bf16-mixed", "transformer-engine")]
    flops = [peak.flops_per_second or 0 for peak in peaks if peak is not None]
    assert flops == sorted(flops)
    assert len(set(flops)) == 3
    assert accelerator("AMD EPYC", "32-true") is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("accelerators: two", "accelerators must be a whole number, got 'two'"),
        ("usd_per_hour: true", "usd_per_hour must be a number, got True"),
        ("kind: hire", "kind must be one of on-demand, spot, owned, got 'hire'"),
        ("region: 3", "region must be text, got 3"),
    ],
)
def test_a_tariff_of_wrong_types_is_refused(tmp_path: Path, line: str, said: str) -> None:
    lines = ["name: mine", "usd_per_hour: 1.0", "source: us", "as_of: '2026-01-01'", line]
    keys = {one.partition(":")[0]: one for one in lines}
    (tmp_path / "mine.yaml").write_text("\n".join(keys.values()) + "\n")
    with pytest.raises(ValueError, match=said):
        find_tariff(str(tmp_path / "mine.yaml"), tmp_path)
