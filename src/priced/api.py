"""What a program calls: a run, and a sweep as `python train.py -m` makes it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from priced.compose.request import read_request, spell_flags
from priced.price.energy import begin_charging
from priced.record.folder import write_text
from priced.record.ledger import entries
from priced.record.private import private
from priced.record.runs import Run, group_lives

PAGE = "sweep.html"

if TYPE_CHECKING:  # torch is loaded once something runs
    from priced.compose.config import Config
    from priced.price.quote import Quote
    from priced.record.entry import Entry
    from priced.sweep.drive import Ended
    from priced.sweep.result import Result


@private()
def run(config: "Config") -> "Entry":
    """Run a config, or every member of it where it asks for seeds or folds.

    The run pays from this call on, not for what the program did before.

    Args:
        config: What to run, of `priced.compose`.

    Returns:
        What this process did with it. A group took and cost what its members did, all their
        processes together, and its scores are their means.

    Raises:
        Refused: The config cannot run; nothing has been written.
        Stopped: A signal or a budget stopped it; its entry has been written.
    """
    begin_charging()
    _check_config(config)
    from priced.run.group import run_all  # torch is loaded: the first run pays for that

    entry = run_all(config)
    members = group_lives(entries(config.ledger, parent=entry.run))
    whole = Run((entry,), tuple(members))
    return replace(entry, usage=whole.usage, seconds=whole.seconds, usd=whole.usd)


def quote(config: "Config") -> "Quote":
    """Return what a run of a config, or all its members together, will take; nothing is kept.

    Args:
        config: What to quote, of `priced.compose`; its stages are.

    Raises:
        Refused: If the config cannot run.
    """
    begin_charging()
    _check_config(config)
    from priced.run.group import quote_all

    return quote_all(config)


def _check_config(config: object) -> None:
    from priced.compose.config import Config

    if not isinstance(config, Config):
        raise TypeError(
            f"the config must be one of priced.compose, got {type(config).__name__}: "
            'priced.compose("model=mlp", ...)'
        )


@private()
def sweep(*words: str, config_dir: str | Path | None = None, allow: Sequence[str] = ()) -> "Result":
    """Sweep until no trial is left, or go on with a sweep of that name.

    The first trial pays from this call on, not for what the program did before.

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
    begin_charging()
    from priced.run.start import is_quote
    from priced.sweep.drive import drive
    from priced.sweep.start import begin, plan_sweep

    request = read_request(["--multirun", *spell_flags(config_dir, allow), *words])
    plan = plan_sweep(request)
    if is_quote(plan.base):
        raise ValueError(
            "a sweep runs its trials: priced.quote(priced.compose(...)).times(n) is what n of them "
            "will take"
        )
    return finish_sweep(drive(begin(plan), request))


def finish_sweep(ended: "Ended") -> "Result":
    """Write what a sweep came to into its folder; return it."""
    from priced.sweep.result import result_of, write_result

    result = result_of(ended.plan, ended.trials)
    write_result(ended.plan, result)
    _write_page(ended, result)
    return result


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
