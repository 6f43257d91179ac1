"""What an accelerator can do at best."""

import re
from dataclasses import dataclass

from priced.price.fact import read_facts

TERA, GIGA = 1e12, 1e9

_NAMED = (  # what drivers call them, narrow patterns first
    (r"V100", "V100 SXM2"),
    (r"\bT4\b", "T4"),
    (r"A10G", "A10G"),
    (r"\bL4\b", "L4"),
    (r"L40S", "L40S"),
    (r"A100.*PCIE?.*80", "A100 PCIe 80GB"),
    (r"A100.*80", "A100 SXM 80GB"),
    (r"A100", "A100 SXM 40GB"),
    (r"H100.*PCIE", "H100 PCIe"),
    (r"H100.*NVL", "H100 NVL"),
    (r"GH200", "GH200 (96GB)"),
    (r"H100", "H100 SXM"),
    (r"H200", "H200 SXM"),
    (r"GB200", "GB200 (per GPU)"),
    (r"B200", "B200 SXM"),
    (r"B300", "B300 SXM"),
    (r"MI250X", "MI250X"),
    (r"MI300X", "MI300X"),
    (r"MI325X", "MI325X"),
    (r"MI355X", "MI355X"),
    (r"RTX 4090", "RTX 4090"),
    (r"RTX 3090", "RTX 3090"),
)
_HALF = ("16-mixed", "bf16-mixed", "16-true", "bf16-true")
_NO_BF16 = ("V100 SXM2", "T4")


@dataclass(frozen=True)
class Accelerator:
    """Peaks of one accelerator, from its maker's sheet.

    Attributes:
        name: As the table of facts has it.
        flops_per_second: Dense peak at the precision asked for; None where it is not known.
        bytes_per_second: Peak memory bandwidth; None where it is not known.
        memory_bytes: Its own memory; None where it is not known.
        watts: Rated power; None where it is not known.
        source: Where the figures were read.
    """

    name: str
    flops_per_second: float | None
    bytes_per_second: float | None
    memory_bytes: float | None
    watts: float | None
    source: str


def accelerator(name: str, precision: str) -> Accelerator | None:
    """Return what is known of an accelerator, or None.

    Args:
        name: As the table or as the driver calls it.
        precision: In Lightning's names. 32 bits count as TF32 nowhere: torch's own default.

    Example:
        >>> accelerator("NVIDIA H100 80GB HBM3", "bf16-mixed").flops_per_second
        989000000000000.0
    """
    rows = {row["name"]: row for row in read_facts("accelerators")}
    if name not in rows:
        name = next((ours for sign, ours in _NAMED if re.search(sign, name, re.IGNORECASE)), "")
    if name not in rows:
        return None
    row = rows[name]
    column = "fp32_tflops"
    if precision.startswith("transformer-engine"):
        column = "fp8_dense_tflops"
    elif precision in _HALF and not (precision.startswith("bf16") and name in _NO_BF16):
        column = "bf16_fp16_dense_tflops"
    return Accelerator(
        name=name,
        flops_per_second=_scale(row[column], TERA),
        bytes_per_second=_scale(row["memory_bandwidth_gb_s"], GIGA),
        memory_bytes=_scale(row["memory_gb"], GIGA),
        watts=_scale(row["tdp_watts"], 1),
        source=row["source"],
    )


def utilisation(flops: float, device_seconds: float, name: str, precision: str) -> float | None:
    """Return the model FLOPs utilisation, as a share of the peak; None where no peak is known.

    Args:
        flops: Done by all devices.
        device_seconds: On the train-only clock, of all devices together.
        name: The device's; see `accelerator`.
        precision: In Lightning's names.

    Source: A. Chowdhery et al., "PaLM: Scaling Language Modeling with Pathways", 2022, appendix B.
    """
    known = accelerator(name, precision)
    if known is None or known.flops_per_second is None or not flops or not device_seconds:
        return None
    return flops / device_seconds / known.flops_per_second


def _scale(text: str, unit: float) -> float | None:
    return float(text) * unit if text else None
