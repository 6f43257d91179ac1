"""`priced runs export`: a run in the format of others."""

import argparse
from pathlib import Path

from priced.cli.find import find_run, tariff_named
from priced.price.dawnbench import as_json, as_tsv
from priced.price.ladder import read_curve
from priced.price.tariff import SECONDS_PER_HOUR
from priced.record.folder import CURVE, RECEIPT, read_json


def export_run(args: argparse.Namespace) -> int:
    """Write DAWNBench's pair of files.

    Raises:
        ValueError: If the run has no curve of an accuracy, or its folder is gone.
    """
    run = find_run(args.ledger, args.run)
    folder = Path(run.last.folder)
    target = run.last.target
    curve = read_curve(folder / CURVE, target.metric, target.mode)
    if not curve or not target.metric.endswith("/accuracy"):
        raise ValueError(f"export --dawnbench needs a run that climbs by accuracy, got {run.run}")
    tariff = tariff_named(args.tariff) if args.tariff else run.last.tariff
    if tariff.kind == "spot":
        raise ValueError(f"DAWNBench takes on-demand prices alone, tariff {tariff.name} is spot")
    receipt = read_json(folder / RECEIPT)["lives"][-1]
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    stem = f"priced_{run.first.model}_{run.run}"
    usage = run.usage
    (out / f"{stem}.json").write_text(
        as_json(
            author=args.author,
            framework=f"PyTorch v{receipt['versions']['torch']}",
            code_url=args.code,
            model=run.first.model,
            hardware=f"{usage.devices} x {usage.device_name} ({tariff.name})",
            cost_per_hour=round(run.usd_under(tariff) / run.seconds * SECONDS_PER_HOUR, 9),
            timestamp=run.first.started_at[:10],
            misc={"command": run.first.overrides, "tariff": f"{tariff.source}, {tariff.as_of}"},
        ),
        encoding="utf-8",
    )
    (out / f"{stem}.tsv").write_text(as_tsv(curve), encoding="utf-8")
    print(out / f"{stem}.json")
    print(out / f"{stem}.tsv")
    return 0
