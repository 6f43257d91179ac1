"""What the command line says of prices: before, during, after."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from priced.check.conf_dir import conf_dir
from priced.price.dawnbench import hit
from priced.price.money import dollars
from priced.price.pricelist import tariffs
from priced.price.target import Target
from priced.record.entry import Entry, read_entry
from priced.record.ledger import append, entries
from tests.cli.verb.test_train import start, wait_for
from tests.conftest import QUICK, ROOT, Priced
from tests.data.pictures import write_parquet

LEDGER = "sqlite:///logs/ledger.db"
Folders = Callable[[], Sequence[Path]]


def test_a_quote_prices_the_run_here_and_on_every_machine(
    priced: Priced, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert priced("train", *QUICK, "stages=[quote]") == 0
    lines = capsys.readouterr().out.splitlines()
    [first] = [line for line in lines if line.startswith("quote ")]
    for word in ("min (", "USD (", "kWh", "peak memory", "tariff local"):
        assert word in first
    names = [line.split()[0] for line in lines if line.strip()]
    clouds = [name for name, one in tariffs(conf_dir() / "tariff").items() if one.kind != "owned"]
    lists = tariffs(conf_dir() / "tariff")
    known = {name for name in clouds if lists[name].accelerators and "tpu" not in name}
    assert set(names) >= known
    [left_out] = [line for line in lines if "whose peak is not known" in line]
    assert all(name in left_out for name in set(clouds) - known)
    rows = [line.split() for line in lines if line.split()[:1] and line.split()[0] in clouds]
    prices = [float(row[2].replace(",", "")) for row in rows]
    assert prices == sorted(prices)
    assert (
        max(map(len, (line for line in lines if line.split()[:1] and line.split()[0] in clouds)))
        <= 80
    )
    assert "…" not in "".join(lines)


def test_a_budget_stops_says_so_and_a_larger_one_goes_on(
    priced: Priced, capsys: pytest.CaptureFixture[str], run_folders: Folders
) -> None:
    words = (*QUICK, "max_epochs=300", "budget.enforce=warn")
    assert priced("train", *words, "budget.seconds=3") == 3
    err = capsys.readouterr().err
    assert "stopped: budget of 3 seconds is reached; price 0.0" in err
    assert "and a larger budget" in err
    [folder] = run_folders()
    assert (folder / "status").read_text() == "stopped: budget\n"
    assert priced("train", f"run={folder}", "max_epochs=3", "budget.seconds=3") == 2
    assert "budget.seconds=3 is spent" in capsys.readouterr().err
    steps = json.loads((folder / "usage.json").read_text())["lives"][0]["steps"]
    epochs = f"max_epochs={steps // 41 + 2}"
    assert priced("train", f"run={folder}", epochs, "budget.seconds=600") == 0
    assert [e.status for e in entries(LEDGER)] == ["done", "stopped: budget"]
    whole = dollars(sum(entry.usd for entry in entries(LEDGER)))
    assert f"{whole} with the 1 process(es) before" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("budget.usd=-1",), "budget.usd must be above zero, got -1"),
        (("budget.enforce=please",), "budget.enforce must be"),
        (("budget.dollars=1",), "budget.dollars is no key of the config"),
        (("budget.seconds=0",), "budget.seconds must be above zero, got 0"),
        (("target.rung=[0.9]",), "target.rung is no key of the config; did you mean rungs?"),
        (("stop_at_target=true", "target.rungs=[]"), "stop_at_target needs a rung"),
        (("target.rungs=[high]",), "target.rungs must be"),
        (("stages=[fit,quote]",), "stages must have quote first"),
    ],
)
def test_a_wrong_price_setting_gets_one_line(
    priced: Priced, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert priced("train", *words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_run_is_priced_again_under_any_tariff_of_any_day(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = {"seconds": 7200.0, "fit_seconds": 3600.0, "joules": 3.6e6, "device_name": "x"}
    usage["seconds_by_phase"] = {"train_step": 3600.0, "other": 3600.0}  # type: ignore[assignment]
    tariff = {"name": "local", "usd_per_hour": 1.0, "source": "", "as_of": "", "usd_per_kwh": 0.5}
    target = {"metric": "val/accuracy", "mode": "max"}
    append(
        read_entry({
            "run": "aaaa1111", "life": 0, "folder": "x", "started_at": "2026-01-01",
            "usage": usage, "tariff": tariff, "seconds": 7200, "usd": 2.5, "target": target,
            "status": "done",
        }),
        LEDGER,
    )  # fmt: skip
    assert priced("runs", "show", "last") == 0
    out = capsys.readouterr().out
    assert "price 2.50 USD for 7200.0 s all-in, 1.25 USD for 3600.0 s of training alone" in out
    assert priced("runs", "show", "last", "--tariff", "aws_p5") == 0
    assert "110.08 USD" in capsys.readouterr().out
    assert priced("runs", "show", "last", "--tariff", "aws_p5@2024-01-01") == 0
    assert "196.64 USD" in capsys.readouterr().out
    [kept] = entries(LEDGER)
    assert kept.usd == 2.5, "and nothing of the past is changed"
    assert priced("runs", "show", "last", "--tariff", "aws_p55") == 2
    assert "did you mean aws_p5" in capsys.readouterr().err


def _seed(seed: int, score: float, settings: str = "s1", **fields: object) -> Entry:
    entry = Entry(
        f"{settings}{seed:05}", 0, "x", f"2026-01-01T00:00:{seed:02}", status="done", seed=seed,
        experiment="mnist_mlp", settings=settings, scores={"test/accuracy": score},
        seconds=10.0 + seed, usd=1.0 + seed, target=Target("val/accuracy", "max"),
    )  # fmt: skip
    return replace(entry, **fields)  # type: ignore[arg-type]


def test_a_claim_over_seeds_is_reached_or_not(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("runs", "claim", "--experiment", "mnist_mlp", "--metric", "test/accuracy", "--at")
    assert priced(*words, "0.9") == 2
    assert "two seeds or more" in capsys.readouterr().err
    for seed, score in enumerate([0.975, 0.976, 0.977, 0.976, 0.975]):
        append(_seed(seed, score), LEDGER)
    append(_seed(0, 0.1, run="again", started_at="2025-01-01"), LEDGER)  # an older try of a seed
    append(_seed(9, 0.1, status="failed"), LEDGER)
    assert priced(*words, "0.975") == 0
    out = capsys.readouterr().out
    assert "0.975: reached" in out
    assert "mean 0.9758" in out
    assert "5 seeds" in out
    assert "price 3.00 USD, 12.0 s" in out
    assert "fastest and slowest dropped" in out
    assert priced(*words, "0.9757") == 1
    assert "not reached" in capsys.readouterr().out


def test_the_dawnbench_pair_of_a_run_is_what_its_rule_reads(
    priced: Priced, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import csv

    words = [word for word in QUICK if not word.startswith("max_epochs")]
    assert priced("train", *words, "max_epochs=6", "optimizer.lr=0.01", "tariff=aws_g5") == 0
    assert priced("runs", "export", "last", "--dawnbench", "--out", "pair", "--author", "me") == 0
    [pair] = (tmp_path / "pair").glob("*.json")
    said = json.loads(pair.read_text())
    assert set(said) == {
        "version", "author", "framework", "codeURL", "model", "hardware", "costPerHour",
        "timestamp", "misc",
    }  # fmt: skip
    assert said["costPerHour"] == 1.006
    with pair.with_suffix(".tsv").open() as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert list(rows[0]) == ["epoch", "hours", "top1Accuracy"]
    [entry] = entries(LEDGER)
    first = entry.rungs[0]
    found = hit(rows, "top1Accuracy", first.rung * 100)
    assert found["hours"] == pytest.approx(first.fit_seconds / 3600, abs=1e-9)
    assert found["hours"] * 3600 < first.seconds, "validation and checkpoints are off the clock"
    capsys.readouterr()
    append(replace(entry, run="fffff", folder="gone"), LEDGER)
    assert priced("runs", "export", "fffff", "--dawnbench") == 2


def test_a_lost_ledger_is_rebuilt_from_the_folders(priced: Priced, tmp_path: Path) -> None:
    assert priced("train", *QUICK, "stages=[fit]") == 0
    assert priced("train", "run=last", "stages=[fit,test]", "max_epochs=3") == 0
    assert priced("train", *QUICK, "stages=[quote]") == 0
    assert priced("train", "-m", *QUICK, "seed=5,6") == 0
    before = entries(LEDGER)
    assert len(before) == 5
    for file in (tmp_path / "logs").glob("ledger.db*"):
        file.unlink()
    assert priced("runs", "rebuild") == 0
    assert entries(LEDGER) == before
    assert priced("runs", "rebuild") == 0
    assert entries(LEDGER) == before, "and once more changes nothing"


def test_a_model_card_holds_what_a_reader_asks(
    priced: Priced, run_folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK[:-1]) == 0
    assert priced("runs", "card", "last") == 0
    [folder] = run_folders()
    text = (folder / "card.md").read_text()
    words = ["| accuracy |", "10 classes", "all in", "training alone", "energy", "as of", "torch"]
    for word in (*words, "figures/test_roc_curves.png", "python train.py max_epochs=2"):
        assert word in text
    for line in text.splitlines():
        if line.startswith("!["):
            assert (folder / line.partition("](")[2].rstrip(")")).is_file()


@pytest.mark.slow
def test_a_price_cut_runs_every_technique_and_draws_the_waterfall(
    priced: Priced, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for part, count in (("train", 300), ("test", 40)):
        write_parquet(tmp_path / "mnist", part, count)
    words = (
        "max_epochs=2",
        "model.width=16",
        "logger=none",
        "figures=false",
        "target.rungs=[0.05]",
        "seed=0,1",
    )
    cut = ("price_cut.techniques=[mixed_precision,compile,early_stop]", "data.root=mnist")
    assert priced("train", "experiment=price_cut", *cut, *words) == 0
    out = capsys.readouterr().out
    names = ["baseline", "mixed_precision", "compile", "early_stop"]
    table = [line.split() for line in out.partition("the price of ")[2].splitlines()]
    assert [row[0] for row in table if row and row[0] in names] == names
    done = sorted(entries(LEDGER), key=lambda entry: entry.started_at)
    assert [entry.status for entry in done] == ["done"] * 8
    assert [entry.seed for entry in done] == [0] * 4 + [1] * 4, "every seed through all of them"
    assert [entry.precision for entry in done[:4]] == ["32-true"] + ["bf16-mixed"] * 3
    took = [entry.usage.seconds_by_phase.get("compile", 0) for entry in done]
    compiled = [k for k, seconds in enumerate(took) if seconds > 0.05 * max(took)]
    assert compiled == [2, 3, 6, 7], "each pays for its own"
    assert done[3].usage.steps < done[2].usage.steps, "it stopped at the rung"
    assert priced("runs", "compare", *(entry.run for entry in done)) == 0
    assert "early_stop" in capsys.readouterr().out


def test_what_only_reads_starts_without_torch() -> None:
    code = (
        "import sys; sys.argv = ['priced']; from priced.cli import main\n"
        "for words in (['runs', 'list'], ['market', '--out', 'm.html']): main(words)\n"
        "heavy = {'torch', 'lightning', 'hydra'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    env = {"PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_run_that_is_killed_keeps_its_price_and_goes_on(tmp_path: Path, priced: Priced) -> None:
    words = (
        "model.width=16",
        "data.batch_size=8",
        "max_epochs=400",
        "logger=none",
        "figures=false",
    )
    process = start(*words, cwd=tmp_path)
    wait_for(lambda: list(tmp_path.glob("logs/runs/*/*/checkpoints/last.ckpt.previous")))
    process.kill()
    process.communicate()
    [killed] = entries(LEDGER)
    assert killed.status == "running"
    assert killed.usd > 0, "its start was entered, and every ten seconds what came since"
    assert priced("train", "run=last", "stages=[test]", "logger=none", "figures=false") == 0
    lives = sorted(entries(LEDGER), key=lambda life: life.life)
    assert [life.status for life in lives] == ["died", "done"]
    assert lives[0].usd == killed.usd


@pytest.mark.slow
def test_a_run_that_is_worked_on_is_not_taken_for_dead(
    tmp_path: Path, priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    process = start(
        "model.width=16", "max_epochs=4000", "logger=none", "figures=false", cwd=tmp_path
    )
    wait_for(lambda: list(tmp_path.glob("logs/runs/*/*/checkpoints/last.ckpt.previous")))
    assert priced("train", "run=last", "stages=[test]", "logger=none", "figures=false") == 2
    assert "is worked on: name the run's id or folder" in capsys.readouterr().err
    process.terminate()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 143, said
    assert [entry.status for entry in entries(LEDGER)] == ["stopped"]


def test_the_all_in_clock_is_what_a_watch_beside_the_process_shows(tmp_path: Path) -> None:
    cpu_before = cpu_of_children()
    began = time.monotonic()
    process = start(*QUICK, cwd=tmp_path)
    said, _ = process.communicate()
    beside = time.monotonic() - began
    cpu = cpu_of_children() - cpu_before
    assert process.returncode == 0, said
    [entry] = entries(LEDGER)
    assert entry.seconds <= beside, "the run lies within its process"
    assert 0.5 * cpu < entry.usage.cpu_seconds <= cpu, "but for the interpreter's own end"


def cpu_of_children() -> float:
    """Return the processor seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_rung_that_was_never_reached_is_said(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK, "stages=[fit]", "target.rungs=[0.01,90]") == 0
    assert "val/accuracy never reached 90" in capsys.readouterr().out
    assert priced("runs", "compare", "last", "last", "--rung", "0.5") == 0
    assert "no run crossed 0.5; they crossed 0.01" in capsys.readouterr().out


def test_a_price_list_of_accelerators_is_questioned_on_a_processor(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK, "stages=[fit]", "trainer=cpu", "tariff=aws_p5") == 0
    assert "prices an hour of 8 x H100 SXM, and this run takes the processor" in (
        capsys.readouterr().err
    )


def test_a_quote_is_given_whatever_the_budget(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK, "stages=[quote]", "budget.usd=0.0000001") == 0
    out = capsys.readouterr().out
    assert "this quote took" in out
    assert "none for aws_c5, " in out


@pytest.mark.parametrize("data", ["wine", "diabetes"])
def test_debugging_goes_with_any_data(priced: Priced, data: str) -> None:
    assert priced("train", f"data={data}", "trainer=debug", "logger=none", "figures=false") == 0


def test_a_finished_run_that_is_quoted_stays_as_it_is(priced: Priced, run_folders: Folders) -> None:
    assert priced("train", *QUICK) == 0
    [folder] = run_folders()
    [before] = entries(LEDGER)
    assert priced("train", "stages=[quote]", f"run={folder}") == 0
    quoted, after = entries(LEDGER)
    assert after == before
    assert (quoted.status, quoted.folder != str(folder)) == ("quoted", True)
    assert (folder / "status").read_text() == "done\n"


def test_a_quote_is_held_against_the_price_of_the_same_tariff(priced: Priced) -> None:
    assert priced("train", *QUICK, "stages=[quote]") == 0
    assert priced("train", *QUICK, "trainer=cpu", "tariff=nebius_cpu") == 0
    done, quoted = entries(LEDGER)
    if done.quote:  # trainer=cpu is another setting than trainer=auto
        raise AssertionError("quotes of other settings are none of it")
    assert priced("train", *QUICK, "tariff=nebius_cpu") == 0
    [done, *_] = entries(LEDGER)
    assert done.quote.tariff == "nebius_cpu"
    assert done.quote.seconds == quoted.quote.seconds
    share = done.quote.usd / done.quote.seconds * done.seconds
    assert share == pytest.approx(done.usd), "at the same price a second"


def test_a_budget_ends_a_validation_too(
    priced: Priced, capsys: pytest.CaptureFixture[str], run_folders: Folders
) -> None:
    assert priced("train", *QUICK, "data.batch_size=1") == 0
    [entry] = entries(LEDGER)
    limit = f"budget.seconds={entry.seconds + 0.01}"
    words = ("run=last", "stages=[validate]", "budget.enforce=warn", limit)
    assert priced("train", *words) == 3
    assert "is reached" in capsys.readouterr().err


def test_a_damaged_folder_does_not_keep_the_others_out_of_a_rebuilt_ledger(
    priced: Priced, run_folders: Folders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (1, 2):
        assert priced("train", *QUICK, f"seed={seed}") == 0
    torn, whole = run_folders()
    text = (torn / "entries.json").read_text()
    (torn / "entries.json").write_text(text[:200])
    for file in (tmp_path / "logs").glob("ledger.db*"):
        file.unlink()
    capsys.readouterr()
    assert priced("runs", "rebuild") == 1
    out, err = capsys.readouterr()
    assert "1 run(s)" in out
    assert f"left out: {torn.relative_to(tmp_path)}/entries.json" in err
    assert [entry.folder for entry in entries(LEDGER)] == [str(whole.relative_to(tmp_path))]


def test_a_run_that_goes_on_brings_its_past_into_a_new_ledger(
    priced: Priced, tmp_path: Path
) -> None:
    assert priced("train", *QUICK) == 0
    [before] = entries(LEDGER)
    for file in (tmp_path / "logs").glob("ledger.db*"):
        file.unlink()
    assert priced("train", "run=last", "stages=[test]") == 0
    assert entries(LEDGER)[1] == before


def test_a_spot_price_is_no_entry_of_dawnbench(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK) == 0
    words = ("runs", "export", "last", "--dawnbench", "--tariff")
    assert priced(*words, "gcp_n2_spot", "--out", "x") == 2
    assert "on-demand prices alone" in capsys.readouterr().err


def test_the_electricity_of_an_own_machine_is_in_the_price_of_its_hour(
    priced: Priced, tmp_path: Path
) -> None:
    assert priced("train", *QUICK) == 0
    assert priced("runs", "export", "last", "--dawnbench", "--out", "pair") == 0
    [pair] = (tmp_path / "pair").glob("*.json")
    [entry] = entries(LEDGER)
    assert json.loads(pair.read_text())["costPerHour"] == pytest.approx(
        entry.usd / entry.seconds * 3600
    )


def test_what_cannot_be_written_gets_one_line(
    priced: Priced, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    append(Entry("aaaa1111", 0, "x", "2026-01-01"), LEDGER)
    (tmp_path / "page.html").mkdir()
    assert priced("report", "--out", str(tmp_path / "page.html")) == 2
    err = capsys.readouterr().err
    assert "Is a directory" in err
    assert len(err.splitlines()) == 1
