"""`priced runs claim`: whether a quality level is reached, over seeds."""

import argparse
from collections.abc import Sequence

from priced.cli.text.run import number
from priced.price.claim import claim
from priced.price.ladder import Mode
from priced.price.metric import direction
from priced.price.money import dollars
from priced.price.target import Target
from priced.record.ledger import entries
from priced.record.runs import Run, group_lives


def claim_level(args: argparse.Namespace) -> int:
    """Print, for each setting of an experiment, whether its seeds reach the level.

    Returns:
        0 if one setting does, else 1.

    Raises:
        ValueError: If no two seeds of any setting have the score.
    """
    known = entries(args.ledger, experiment=args.experiment)
    groups: dict[str, list[Run]] = {}
    for run in [one for whole in group_lives(known) for one in whole.members or (whole,)]:
        if run.status == "done" and run.scores.get(args.metric) is not None:
            # The path alone does not tell files apart: what they hold stands in the data's name.
            key = f"{run.last.settings or run.run} {run.last.data}"
            groups.setdefault(key, []).append(run)
    seeds = [_newest_of_each_seed(runs) for runs in groups.values()]
    if not any(len(runs) > 1 for runs in seeds):
        raise ValueError(
            f"claim needs {args.metric} of two seeds or more of experiment={args.experiment} with "
            f"the same settings, got {max(map(len, seeds), default=0)}"
        )
    reached = [_say(runs, args) for runs in seeds if len(runs) > 1]
    return 0 if any(reached) else 1


def _newest_of_each_seed(runs: Sequence[Run]) -> list[Run]:
    """Drop repetitions of a seed: they say nothing new."""
    return list({run.first.seed: run for run in reversed(runs)}.values())


def _say(runs: Sequence[Run], args: argparse.Namespace) -> bool:
    mode = _mode(runs, args)
    scores = [float(run.scores[args.metric] or 0.0) for run in runs]
    found = claim(scores, args.at, mode, [r.seconds for r in runs], [r.usd for r in runs])
    word = "reached" if found.reached else "not reached"
    without = ", fastest and slowest dropped" if found.dropped else ""
    print(
        f"{args.experiment} [{runs[0].last.settings}] {args.metric} {args.at:g}: {word}\n"
        f"  mean {number(found.mean)}, 95 % interval {number(found.low)} to {number(found.high)}, "
        f"one-sided p {found.p:.2g}, {found.n} seeds\n"
        f"  price {dollars(found.usd)}, {found.seconds:.1f} s all-in a run{without}"
    )
    return found.reached


def _mode(runs: Sequence[Run], args: argparse.Namespace) -> Mode:
    """Return which way the metric is better: as its task says, else as the user does.

    Raises:
        ValueError: If neither says so, or they differ.
    """
    directions = {direction(args.metric, run.last.target.directions) for run in runs}
    directions |= {_of_target(args.metric, run.last.target) for run in runs}
    known = directions - {None} or ({args.mode} - {None})
    if len(known) != 1:
        raise ValueError(f"it is not known which way {args.metric} is better: --mode min or max")
    [mode] = known
    assert mode in ("min", "max")
    if args.mode not in (None, mode):
        raise ValueError(f"--mode must be {mode} for {args.metric}, as its task says")
    return mode


def _of_target(metric: str, target: Target) -> Mode | None:
    """Return the mode that a run went by, if it went by the same quantity."""
    own = target.metric.partition("/")[2]
    return direction(metric, {own: target.mode}) if own else None
