"""What a run leaves behind."""

import json
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from priced.check import Refused
from priced.check.conf_dir import conf_dir
from priced.price.pricelist import find_tariff
from priced.record.ledger import entries
from priced.record.runs import group_lives
from priced.run.group import run_all
from priced.run.run import run
from tests.conftest import MNIST, QUICK, Configure, needs_mnist

LEFT = (
    "config.yaml", "resolved.yaml", "overrides.yaml", "data.json", "scores.json", "usage.json",
    "status", "receipt.json", "entries.json", "curve.jsonl",
    "checkpoints/best.ckpt", "checkpoints/last.ckpt",
    "figures/val_confusion_matrix.png", "figures/test_confusion_matrix.png",
    "figures/test_roc_curves.png", "figures/test_precision_recall_curves.png",
)  # fmt: skip


def test_a_run_leaves_all_that_is_promised(configure: Configure) -> None:
    words = (*QUICK[:-1], "figures=true")
    entry = run(configure(*words))
    folder = Path(entry.folder)
    assert [name for name in LEFT if not (folder / name).is_file()] == []
    assert (folder / "status").read_text() == "done\n"
    assert OmegaConf.load(folder / "resolved.yaml").model.in_shape == [1, 8, 8]
    assert "${data.shape}" in (folder / "config.yaml").read_text()
    assert list(OmegaConf.load(folder / "overrides.yaml"))[:-1] == list(words)
    receipt = json.loads((folder / "receipt.json").read_text())
    assert folder.name.endswith(receipt["run"])
    [life] = receipt["lives"]
    assert life["versions"]["torch"]
    assert life["precision"] == "32-true"
    assert life["seed"] == 0


def test_what_was_used_closes_and_is_what_the_ledger_says(configure: Configure) -> None:
    cfg = configure(*QUICK)
    entry = run(cfg)
    [used] = json.loads((Path(entry.folder) / "usage.json").read_text())["lives"]
    assert sum(used["seconds_by_phase"].values()) == pytest.approx(used["seconds"], rel=0.02)
    assert {"start_up", "train_step", "data_wait", "validation", "checkpoint", "test"} <= set(
        used["seconds_by_phase"]
    )
    assert used["steps"] == 2 * 41
    assert used["samples"] == 2 * 1294
    [kept] = entries(cfg.ledger)
    assert kept == entry
    machine = used["seconds"] / 3600 * kept.tariff.usd_per_hour
    assert kept.usd == pytest.approx(machine + used["joules"] / 3.6e6 * kept.tariff.usd_per_kwh)
    assert used["device_seconds"] == pytest.approx(used["seconds"])
    assert used["joules_estimated"] <= used["joules"] * (1 + 1e-9)


@pytest.mark.parametrize("tariff", ["local", "aws_p3", "gcp_g2_spot"])
def test_the_ledger_s_price_is_usage_times_tariff_whatever_the_tariff(
    configure: Configure, tariff: str
) -> None:
    cfg = configure(*QUICK, f"tariff={tariff}", "stages=[fit]")
    run(cfg)
    [kept] = entries(cfg.ledger)
    usage, paid = kept.usage, kept.tariff
    again = usage.seconds / 3600 * usage.nodes * paid.usd_per_hour
    again += usage.joules / 3.6e6 * paid.usd_per_kwh
    assert kept.usd == pytest.approx(again, abs=1e-12)
    [one] = group_lives([kept])
    assert one.usd_under(find_tariff(tariff, conf_dir() / "tariff")) == pytest.approx(kept.usd)
    other = find_tariff("aws_p5", conf_dir() / "tariff")
    assert one.usd_under(other) == pytest.approx(usage.seconds / 3600 * 55.04)


def test_flops_are_those_of_the_network_times_the_samples(configure: Configure) -> None:
    entry = run(configure(*QUICK, "stages=[fit]"))
    # 64-16-10: a multiply and an add a weight forward, and for the gradient of the weights again;
    # the gradient of the inputs is needed above the first layer alone.
    each = 2 * (2 * (64 * 16 + 16 * 10) + 16 * 10)
    assert entry.usage.flops == entry.usage.samples * each
    assert entry.usage.mfu is None, "the peak of this processor is not known"


def test_tensorboard_holds_curves_figures_and_the_final_scores_as_hparams(
    configure: Configure,
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    words = [word for word in QUICK if not word.startswith(("logger", "figures"))]
    entry = run(configure(*words))
    events = EventAccumulator(entry.folder).Reload()
    tags = events.Tags()
    assert {"train/loss", "val/accuracy", "test/accuracy"} <= set(tags["scalars"])
    assert {"test/confusion_matrix", "test/roc_curves", "val/precision_recall_curves"} <= set(
        tags["images"]
    )
    started = events._plugin_to_tag_to_content["hparams"]["_hparams_/session_start_info"]
    data = plugin_data_pb2.HParamsPluginData.FromString(started)
    assert data.session_start_info.hparams["model.width"].number_value == 16
    [point] = events.Scalars("test/accuracy")
    assert point.value == pytest.approx(entry.scores["test/accuracy"])


def test_the_scores_of_validation_are_those_of_the_best_weights(configure: Configure) -> None:
    entry = run(configure(*QUICK, "stages=[fit,validate]", "max_epochs=4", "optimizer.lr=0.02"))
    fitted = run(configure(*QUICK, "stages=[fit]", "max_epochs=4", "optimizer.lr=0.02"))
    assert entry.scores["val/loss"] == fitted.scores["val/loss"]


def test_a_config_that_cannot_run_leaves_nothing(configure: Configure, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="learning rate"):
        run(configure("optimizer.lr=-1"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("logger", ["csv", "mlflow", "wandb", "none"])
def test_every_logger_runs_without_a_network(
    configure: Configure, logger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if logger in ("mlflow", "wandb"):
        pytest.importorskip(logger, reason=f"the {logger} extra is not installed")
    monkeypatch.setenv("WANDB_SILENT", "true")
    quick = [word for word in QUICK if not word.startswith("logger")]
    entry = run(configure(*quick, f"logger={logger}"))
    assert entry.status == "done"
    found = {
        "csv": f"{entry.folder}/csv/version_0/metrics.csv",
        "mlflow": f"{tmp_path}/logs/mlruns",
        "wandb": f"{entry.folder}/wandb",
        "none": entry.folder,
    }
    assert Path(found[logger]).exists()


def test_each_member_of_a_group_is_a_run_of_its_own_in_wandb(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    wandb = pytest.importorskip("wandb", reason="the wandb extra is not installed")
    monkeypatch.setenv("WANDB_SILENT", "true")
    quick = [word for word in QUICK if not word.startswith("logger")]
    entry = run_all(configure(*quick, "max_epochs=1", "logger=wandb", "seeds=2"))
    assert len(list(Path(entry.folder).glob("seed-*/wandb/offline-run-*/*.wandb"))) == 2
    assert wandb.run is None, "the last one has ended too"


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop", "sgd"])
@pytest.mark.parametrize(
    "schedule", ["constant", "cosine", "one_cycle", "plateau", "warmup_cosine"]
)
def test_every_optimizer_goes_with_every_schedule(
    configure: Configure, optimizer: str, schedule: str
) -> None:
    entry = run(configure(*QUICK, f"optimizer={optimizer}", f"schedule={schedule}", "stages=[fit]"))
    assert entry.scores["val/accuracy"] is not None
    assert entry.scores["val/accuracy"] > 0.2


@needs_mnist
@pytest.mark.slow
def test_the_reference_network_reaches_its_figure_on_mnist(configure: Configure) -> None:
    entry = run(configure("experiment=mnist_mlp", f"data.root={MNIST}", "logger=none"))
    assert entry.scores["test/accuracy"] is not None
    assert entry.scores["test/accuracy"] >= 0.977
