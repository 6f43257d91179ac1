"""The knobs of a config: what each may be, what it is for, and what follows from changing it.

A knob stands here once. Its type check, the digest that tells runs apart, what a resumed run may be
asked, and what is no setting of a single run are derived from this.
"""

from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from itertools import chain
from typing import Any, Literal, get_args, get_type_hints

STAGES = ("quote", "fit", "validate", "test", "predict", "export")
LIMITS = ("usd", "seconds", "joules")


def knob(
    help: str,
    *,
    default: Any = MISSING,
    identity: bool = True,
    free: bool = False,
    place: bool = False,
    of_sweep: bool = False,
    dashboard: bool = False,
) -> Any:
    """Describe a knob.

    Args:
        help: What it does, in one sentence.
        default: Its value where a config has none; without one it must be there.
        identity: Whether it tells two runs apart that are no repetitions of each other.
        free: Whether a run that is gone on with may have it otherwise than before.
        place: Whether it is a place on this machine.
        of_sweep: Whether it says how to sweep, and nothing of any one run.
        dashboard: Whether dashboards show it beside a run's scores.
    """
    flags = {"identity": identity, "free": free, "place": place, "of_sweep": of_sweep}
    metadata = {"help": help, **flags, "dashboard": dashboard}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a run is to reach."""

    metric: str = knob("the score, as the task logs it")
    mode: Literal["min", "max"] = knob("which way it gets better")
    rungs: tuple[float, ...] = knob("the levels whose price is kept", free=True)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a run may use. It stops after the step that reaches a limit, saved, to go on later."""

    usd: float | None = knob("most that the run may cost, in USD")
    seconds: float | None = knob("most wall seconds, start-up included")
    joules: float | None = knob("most energy of the machine")
    enforce: Literal["refuse", "warn"] = knob("what to do with a run quoted above it")


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """How a run is cross-validated."""

    folds: int | None = knob("how many folds; each is trained without and scored on")
    repeats: int = knob("how often the examples are shuffled and cut up again")
    fold: int | None = knob("one fold alone, from 0")
    repeat: int = knob("of which repeat that fold is, from 0")
    score: Literal["auto", "last", "best"] = knob("which weights a fold is scored with")


@dataclass(frozen=True, kw_only=True)
class Predict:
    """How a task that writes text goes on with a prompt."""

    prompt: str | None = knob("a text to go on with; null predicts the test part instead")
    length: int = knob("how many tokens to add")
    temperature: float = knob("how far from the likeliest; 0 takes that")
    top_k: int | None = knob("of how many likeliest tokens one is drawn")


@dataclass(frozen=True, kw_only=True)
class Export:
    """What the network is written as."""

    format: tuple[str, ...] = knob("safetensors, torch_export, onnx, torchao_int8")


@dataclass(frozen=True, kw_only=True)
class PriceCut:
    """Which techniques are held against each other."""

    design: Literal["ladder", "factorial", "fractional"] = knob("which sets of them are run")
    techniques: tuple[str, ...] = knob("options of technique/, in order")
    seeds: int = knob("how many runs of each set")


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """How a sweep goes on from trial to trial."""

    name: str | None = knob("sweeps of one name are one")
    storage: str | None = knob("the address of the study; null: a journal in the sweep's folder")
    sampler: dict[str, Any] | None = knob("what searches; null: every combination that is listed")
    points: int | None = knob("how many values to take from an interval")
    use_space: bool = knob("whether the model's own space is searched")
    from_defaults: bool = knob("whether trial 0 is the config as it stands")
    n_trials: int | None = knob("how many trials in total; null: all that are listed")
    n_jobs: int = knob("how many workers")
    objectives: tuple[str, ...] = knob("what is best: [score] or [score,usd]")
    max_failure_rate: float = knob("which share of the trials may fail")
    budget_usd: float | None = knob("most that all trials may cost, in USD")
    budget_seconds: float | None = knob("most wall seconds, in sum over the workers")


@dataclass(frozen=True, kw_only=True)
class Root:
    """The knobs at the root of a config."""

    seed: int = knob("where all randomness starts", identity=False, dashboard=True)
    seeds: int = knob("how many runs from this seed on count as one: their mean", free=True)
    cv: CrossValidation = knob("cross-validation")
    threads: int | None = knob("of the processor", identity=False, free=True)
    precision: Any = knob("of the numbers, by Lightning's names: 32-true, bf16-mixed, ...")
    max_epochs: int = knob("how often training sees all examples")
    stages: tuple[str, ...] = knob(f"any of {', '.join(STAGES)}", identity=False, free=True)
    run: str | None = knob("a run to go on with", identity=False, free=True, place=True)
    on_change: Literal["refuse", "apply"] = knob(
        "what becomes of what a resumed run is asked otherwise", identity=False, free=True
    )
    logs: str = knob("the folder of all runs and sweeps", identity=False, free=True, place=True)
    folder: str | None = knob("the folder of this run", identity=False, free=True, place=True)
    ledger: str = knob("where every run leaves its price", identity=False, free=True, place=True)
    target: Target = knob("what a run is to reach")
    stop_at_target: bool = knob("end training at the top rung", free=True)
    budget: Budget = knob("what the run may use", identity=False, free=True)
    figures: bool = knob("draw what was scored, keep what is made", identity=False, free=True)
    tags: tuple[str, ...] = knob(
        "words to find the run by", identity=False, free=True, dashboard=True
    )
    predict: Predict = knob("how a text is gone on with", identity=False, free=True)
    export: Export = knob("what the network is written as", identity=False, free=True)
    price_cut: PriceCut | None = knob(
        "which techniques are held against each other, and how", identity=False, free=True
    )
    sweep: Sweep | None = knob(
        "how to sweep", default=None, identity=False, free=True, of_sweep=True
    )
    space: dict[str, Any] | None = knob(
        "what a search turns", default=None, identity=False, free=True, of_sweep=True
    )
    pruner: dict[str, Any] | None = knob(
        "what ends a trial", default=None, identity=False, free=True, of_sweep=True
    )


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The groups whose option names a class."""

    data: Any = knob("what is learnt from", dashboard=True)
    task: Any = knob("what is learnt, and how it is scored", dashboard=True)
    model: Any = knob("the network", dashboard=True)
    optimizer: Any = knob("what moves the weights", dashboard=True)
    schedule: Any = knob("how the learning rate goes", dashboard=True)
    trainer: Any = knob("on what Lightning runs it", dashboard=True)
    callback: Any = knob("what watches a run: a list")
    logger: Any = knob("where curves go: a list", identity=False, free=True)
    tariff: Any = knob("what an hour of the machine costs", identity=False, free=True)


HYDRA = "hydra"
"""What Hydra keeps in a config for itself: nothing of a run."""

LISTS = ("callback", "logger")
"""Groups of which several options are picked, each under a name of its own."""
SECTIONS = tuple(one.name for one in fields(Sections))
SINGLE = tuple(section for section in SECTIONS if section not in LISTS)
"""Groups of which a run has one option."""


def helps(section: type) -> dict[str, str]:
    """Return what each knob of a section is for, by name."""
    return {one.name: str(one.metadata["help"]) for one in fields(section)}


def find_section(annotation: Any) -> type | None:
    """Return the section that a knob is, or None where it is a plain value."""
    kinds = (annotation, *get_args(annotation))
    return next((one for one in kinds if isinstance(one, type) and is_dataclass(one)), None)


def annotations(section: type) -> dict[str, Any]:
    """Return the type of each knob of a section, by name."""
    return get_type_hints(section)


def list_knobs(
    flag: str, value: bool = True, sections: tuple[type, ...] = (Root, Sections)
) -> tuple[str, ...]:
    """Return the knobs of which a flag of `knob` holds, or does not: those at the root."""
    known = chain.from_iterable(map(fields, sections))
    return tuple(one.name for one in known if one.metadata[flag] is value)


OF_SWEEPS = list_knobs("of_sweep")
"""What tells how to sweep, and nothing of any one run."""
