"""What a program calls: each function does what the command of its name does."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from priced.compose import Config, Request, read_request
from priced.price.ledger import entries
from priced.price.runs import group_lives
from priced.record.folder import write_text
from priced.report.frame import tabulate

PAGE = "sweep.html"

if TYPE_CHECKING:  # torch is loaded once something runs
    from priced.price.quote import Quote
    from priced.sweep.drive import Ended
    from priced.sweep.result import Result


def quote(config: Config) -> "Quote":
    """Return what a run of a config will take, by a probe of a few steps; nothing is kept.

    Args:
        config: Its stages are quoted, for all its seeds and folds together.

    Raises:
        Refused: If the config cannot run.
    """
    from priced.run.group import quote_all

    return quote_all(config)


def sweep(*words: str, config_dir: str | Path | None = None, allow: Sequence[str] = ()) -> "Result":
    """Sweep until no trial is left, or go on with a sweep of that name.

    Args:
        words: As behind `python train.py -m`: `"sweep=tpe"`, `"optimizer.lr=0.1,0.01"`.
        config_dir: A folder of options of your own, beside ours.
        allow: Packages of your own whose classes the config may name.

    Returns:
        All trials, the best one, and what they cost. The sweep's folder has the rest.

    Raises:
        HydraException: If the words do not compose.
        Refused: If the config cannot run.
        ValueError: If the sweep cannot.
    """
    flags = [f"--config-dir={config_dir}"] if config_dir is not None else []
    trusted = [f"--allow={one}" for one in allow]
    return finish_sweep(run_sweep(read_request(["--multirun", *flags, *trusted, *words])))


def run_sweep(request: Request) -> "Ended":
    """Run the workers of a sweep until no trial is left; return what came of it."""
    from priced.sweep.drive import drive
    from priced.sweep.start import begin, plan_sweep

    return drive(begin(plan_sweep(request)), request)


def finish_sweep(ended: "Ended") -> "Result":
    """Write what a sweep came to into its folder; return it."""
    from priced.sweep.result import result_of, write_result

    result = result_of(ended.plan, ended.trials)
    write_result(ended.plan, result)
    _write_page(ended, result)
    return result


def ledger(url: str = "sqlite:///logs/ledger.db") -> pa.Table:
    """Return all runs of a ledger, the one that was worked on last first.

    Args:
        url: The ledger, as SQLAlchemy spells it.

    Returns:
        A row a run: what it was, what it took and cost, and a column for each score.
        `.to_pandas()` makes a data frame of it.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.

    Example:
        >>> ledger("sqlite:///none.db").num_rows
        0
    """
    return tabulate(group_lives(entries(url)))


def _write_page(ended: "Ended", result: "Result") -> None:
    from priced.report.sweep import TrialRow, as_page
    from priced.sweep.outcome import outcome_of, read_picked

    plan = ended.plan
    rows = [
        TrialRow(
            trial=trial,
            picked=read_picked(trial),
            score=outcome_of(trial).get("score"),
            usd=outcome_of(trial).get("usd", 0.0),
            seconds=outcome_of(trial).get("seconds", 0.0),
            error=outcome_of(trial).get("error", ""),
        )
        for trial in result.trials
    ]
    names = {"score": plan.base.target.metric, "usd": "USD of training"}
    objectives = [names[one] for one in plan.settings.objectives]
    page = as_page(plan.id, ended.study, rows, objectives, result.usd)
    write_text(plan.folder / PAGE, page)
