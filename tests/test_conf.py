"""Every option of every group composes, resolves and names classes that take what it gives."""

from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from priced.check.conf_dir import conf_dir
from priced.check.leaves import leaves
from priced.check.root import SECTIONS
from priced.check.source import find
from priced.compose.config import Config
from priced.compose.option import Options, without_hydra
from priced.compose.words import open_key
from tests.conftest import Configure

OPTIONS = sorted(
    file.relative_to(conf_dir()).with_suffix("").as_posix()
    for file in conf_dir().glob("*/**/*.yaml")
    if not file.relative_to(conf_dir()).as_posix().startswith("hydra/")
)
EXPERIMENTS = [o.partition("/")[2] for o in OPTIONS if o.startswith("experiment/")]
GIVEN = {
    "data/csv": "data.path=x.csv",
    "data/image_folder": "data.root=x",
    "data/hub": "data.hub=x data.shape=[1,8,8] data.num_outputs=2",
    "data/hub_table": "data.hub=x data.target=y",
    "data/text": "data.path=x model=gpt",
    "data/stdlib": "model=gpt",
    "data/shakespeare": "model=gpt",
    "data/stdlib_topics": "model=bert task=classification",
    "data/text_csv": "model=bert task=classification",
    "model/hf_classifier": "model.name=x",
    "model/hf_language": "model.name=x",
    "model/timm": "model.name=resnet18",
    "task/adversarial": "model=biggan",
    "task/language": "model=gpt",
    "task/masked_language": "model=bert",
    "task/regression": "data=diabetes",
    **{option: "data=mnist" for option in OPTIONS if option.startswith("technique/")},
}
"""What only the user can know."""
WANTED = {
    "data": {
        *("digits", "breast_cancer", "wine", "csv", "mnist", "image_folder"),
        *("stdlib", "text", "shakespeare", "fashion_mnist", "cifar10"),
        *("stdlib_topics", "text_csv", "hub", "hub_table"),
    },
    "model": {
        *("mlp", "resnet18", "resnet50", "timm", "inception", "inception_small", "vit_small"),
        *("gpt", "forest", "logistic", "bert", "hf_language", "hf_classifier"),
        *("biggan", "stylegan"),
    },
    "task": {"classification", "regression", "language", "masked_language", "adversarial"},
    "optimizer": {"adam", "adamw", "rmsprop", "sgd"},
    "schedule": {"constant", "cosine", "one_cycle", "plateau", "warmup_cosine"},
    "trainer": {"auto", "cpu", "gpu", "debug"},
    "callback": {
        *("checkpoint", "compile", "early_stop", "freeze", "progress", "learning_rate"),
    },
    "logger": {"tensorboard", "csv", "mlflow", "wandb", "none"},
    "tariff": {"local"},
    "experiment": {
        *("mnist_mlp", "mnist_resnet", "mnist_vit", "price_cut", "transfer_digits"),
        *("bert_stdlib", "bert_topics", "mnist_feature"),
        *("shakespeare_cpu", "shakespeare_gpu"),
    },
    "pruner": {"none", "median", "asha", "hyperband", "wilcoxon", "dominance"},
    "space": {"mlp", "resnet18", "vit_small", "gpt", "bert", "biggan", "stylegan", "forest"},
    "sweep": {"listed", "grid", "random", "tpe", "bayes", "cmaes", "pareto"},
    "technique": {"baseline", "compile", "early_stop", "fused_optimizer", "in_memory"},
}


def compose_all(*words: str) -> Config:
    """Compose what a sweep starts from too."""
    tree = Options(conf_dir()).compose("config", [open_key(word) for word in words])
    return Config.of(without_hydra(tree))


def test_every_group_that_is_promised_has_its_options() -> None:
    for group, names in WANTED.items():
        missing = {f"{group}/{name}" for name in names} - set(OPTIONS)
        assert not missing


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_composes_and_passes_every_check(option: str) -> None:
    group, _, name = option.partition("/")
    picked = f"{group}=[{name}]" if group == "callback" else f"{group}={name}"
    compose_all(picked, *GIVEN.get(option, "").split())


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_opens_with_a_comment_that_says_what_it_is(option: str) -> None:
    lines = (conf_dir() / f"{option}.yaml").read_text().splitlines()
    said = [line for line in lines[:2] if line.startswith("# ") and "@package" not in line]
    assert said


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_experiment_overrides_really_win(name: str) -> None:
    asked = OmegaConf.load(conf_dir() / "experiment" / f"{name}.yaml")
    assert isinstance(asked, DictConfig)
    asked.pop("defaults", None)
    asked.pop("hydra", None)  # which is not of the run's own config
    got = compose_all(f"experiment={name}")
    flat = leaves(OmegaConf.to_container(asked, resolve=False)) if asked else {}
    assert flat or name == "price_cut", "an experiment sets something"
    for key, value in flat.items():
        assert OmegaConf.select(got.tree, key) == value, key


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.split("/")[0] in SECTIONS])
def test_an_option_of_ours_has_its_module_and_its_test_under_the_same_name(option: str) -> None:
    group, _, name = option.partition("/")
    text = (conf_dir() / f"{option}.yaml").read_text()
    module = f"priced.{group}.{name}"
    if f"_target_: {module}." not in text:
        assert f"_target_: priced.{group}." not in text, "an option shares its module's name"
        return
    target = next(line.split()[1] for line in text.splitlines() if f"_target_: {module}." in line)
    assert find(target) is not None
    assert (Path(__file__).parent / group / f"test_{name}.py").is_file()


def test_the_command_line_wins_over_an_experiment(configure: Configure) -> None:
    assert configure("experiment=mnist_mlp", "optimizer.lr=0.5").optimizer.lr == 0.5


def test_a_data_option_brings_its_task_and_the_command_line_still_wins(
    configure: Configure,
) -> None:
    assert configure("data=diabetes").task._target_.endswith("Regression")
    assert configure("data=diabetes", "task=classification").task._target_.endswith(
        "Classification"
    )
