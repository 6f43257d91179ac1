"""Entries for reports, made up."""

from priced.record.entry import Entry, read_entry

TARIFF = {"name": "box", "usd_per_hour": 3.6, "source": "", "as_of": "2026-01-01"}
TARGET = {"metric": "val/accuracy", "mode": "max"}


def made(run: str, score: float, usd: float, seed: int = 0, **fields: object) -> Entry:
    """Make a run of a setting of its own (or `settings=`), priced at 0.001 USD a second."""
    seconds = usd * 1000
    rungs = [
        {"rung": rung, "score": score, "epoch": 1, "step": 1, "seconds": seconds / 2,
         "fit_seconds": seconds / 4, "joules": 0.0, "flops": 0.0, "samples": 32, "tokens": 0,
         "usd": usd / 2}
        for rung in (0.9, 0.95) if score >= rung
    ]  # fmt: skip
    usage = {
        "seconds": seconds, "fit_seconds": seconds / 2, "joules": 100.0, "samples": 1000,
        "seconds_by_phase": {"start_up": seconds / 2, "train_step": seconds / 2},
    }  # fmt: skip
    plain: dict[str, object] = {
        "run": run, "life": 0, "folder": f"logs/runs/x/{run}", "status": "done",
        "started_at": f"2026-01-{1 + int(usd):02}T00:00:00", "model": "mlp", "data": "digits",
        "seed": seed, "settings": run, "target": TARGET, "tariff": TARIFF, "rungs": rungs,
        "scores": {"val/accuracy": score - 0.01, "test/accuracy": score}, "usage": usage,
        "overrides": [f"model.width={len(run)}"], "seconds": seconds, "usd": usd,
    }  # fmt: skip
    return read_entry(plain | fields)
