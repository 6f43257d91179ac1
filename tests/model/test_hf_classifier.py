from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import torch
import transformers

from priced.build.lora import add_adapters
from priced.model.hf_classifier import HFClassifier
from priced.run.run import run
from tests.conftest import Configure
from tests.model.pretrained import write_pretrained


def test_a_pretrained_model_learns_classes(configure: Configure, tmp_path: Path) -> None:
    texts = [f"{('poor', 'fine')[n % 2]} number {n}" for n in range(160)]
    pyarrow.csv.write_csv(
        pa.table({"text": texts, "label": [n % 2 for n in range(160)]}), tmp_path / "some.csv"
    )
    write_pretrained(tmp_path / "model", texts)
    entry = run(
        configure(
            *("model=hf_classifier", "model.name=model", "data=text_csv", "data.path=some.csv"),
            *("data.context=16", "data.batch_size=8", "max_epochs=6", "optimizer.lr=0.003"),
            *("logger=none", "figures=false", "callback=[checkpoint]"),
        )
    )
    assert entry.scores["test/accuracy"] is not None
    assert entry.scores["test/accuracy"] > 0.8


def test_places_without_a_token_change_nothing(tmp_path: Path) -> None:
    write_pretrained(tmp_path / "model", ["some text"])
    model = HFClassifier(str(tmp_path / "model"), 300, 3).eval()
    x = torch.randint(1, 300, (2, 12))
    x[:, 8:] = 300
    assert torch.allclose(model(x), model(x[:, :8]), atol=1e-5)


def test_layers_that_no_weights_were_there_for_are_trained_whole(tmp_path: Path) -> None:
    config = transformers.DistilBertConfig(
        vocab_size=300, max_position_embeddings=16, dim=32, n_layers=2, n_heads=2, hidden_dim=64
    )
    transformers.DistilBertModel(config).save_pretrained(tmp_path / "model")
    model = HFClassifier(str(tmp_path / "model"), 300, 3)
    assert model.new_layers == {"network.pre_classifier", "network.classifier"}
    add_adapters(model, rank=2)
    whole = {
        name for name, one in model.named_parameters() if one.requires_grad and "lora_" not in name
    }
    layers = ("pre_classifier", "classifier")
    assert whole == {f"network.{layer}.{kind}" for layer in layers for kind in ("weight", "bias")}
