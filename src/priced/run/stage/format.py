"""The formats that a network is written in and read from."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import Tensor, nn
from torch.nn.utils import parametrize

from priced.model.library import library, mute

Runs = Callable[..., Tensor]


@dataclass(frozen=True)
class Format:
    """How a network is written as something else, and read again.

    Attributes:
        suffix: Of the file.
        tolerance: By how much its outputs may differ, over the largest.
        write: Write a network, shown some examples, into a file.
        read: Return what runs, of the file and the network that was written.
    """

    suffix: str
    tolerance: float
    write: Callable[[nn.Module, tuple[Tensor, ...], Path], None]
    read: Callable[[nn.Module, Path], Runs]


def _write_safetensors(model: nn.Module, examples: tuple[Tensor, ...], file: Path) -> None:
    save_model(model, str(file))


def _read_safetensors(model: nn.Module, file: Path) -> Runs:
    for tensor in model.state_dict().values():
        tensor.zero_()
    load_model(model, str(file))
    return model


def _write_torch_export(model: nn.Module, examples: tuple[Tensor, ...], file: Path) -> None:
    torch.export.save(torch.export.export(model, examples, dynamic_shapes=_any(examples)), file)


def _read_torch_export(model: nn.Module, file: Path) -> Runs:
    return torch.export.load(file).module()


def _write_onnx(model: nn.Module, examples: tuple[Tensor, ...], file: Path) -> None:
    library("onnxscript", "export", "__version__")  # without it the exporter fails unclearly
    with mute(), warnings.catch_warnings():
        # Two inputs of a batch share the name of its size, as they should.
        warnings.filterwarnings("ignore", message=".*it shares the same shape constraints.*")
        torch.onnx.export(
            model,
            examples,
            file,
            dynamo=True,
            dynamic_shapes=_any(examples),
            external_data=False,
            verbose=False,
        )


def _read_onnx(model: nn.Module, file: Path) -> Runs:
    session = library("onnxruntime", "export", "InferenceSession")(str(file))
    names = [one.name for one in session.get_inputs()]

    def run(*examples: Tensor) -> Tensor:
        given = {name: one.numpy() for name, one in zip(names, examples, strict=True)}
        return torch.from_numpy(session.run(None, given)[0])

    return run


def _write_int8(model: nn.Module, examples: tuple[Tensor, ...], file: Path) -> None:
    config = library("torchao.quantization", "export", "Int8WeightOnlyConfig")
    if any(parametrize.is_parametrized(layer) for layer in model.modules()):
        raise ValueError("torchao_int8 cannot hold weights that are computed (spectral norms)")
    library("torchao.quantization", "export", "quantize_")(model, config())
    torch.save(model.state_dict(), file)


def _read_int8(model: nn.Module, file: Path) -> Runs:
    state = torch.load(file, map_location="cpu", weights_only=True)
    model.load_state_dict(state, assign=True)
    return model


def _any(examples: tuple[Tensor, ...]) -> tuple[dict[int, Any], ...]:
    """Say that the first size of each input may be any."""
    batch = torch.export.Dim("batch", min=1)
    return tuple({0: batch} for _ in examples)


FORMATS = {
    "safetensors": Format(".safetensors", 0.0, _write_safetensors, _read_safetensors),
    "torch_export": Format(".pt2", 1e-4, _write_torch_export, _read_torch_export),
    "onnx": Format(".onnx", 1e-3, _write_onnx, _read_onnx),
    "torchao_int8": Format(".int8.pt", 0.1, _write_int8, _read_int8),
}
