"""One experiment, from a composed config to its entry in the ledger."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from priced.build import Components, build
from priced.callback.meter import Meter
from priced.callback.observe import RunObserver
from priced.callback.stop import Stopped
from priced.check import Refused, check, pending_keys
from priced.check.config_digest import digest_config
from priced.check.root import writes_text
from priced.check.target import find_own_modules
from priced.price.ledger import QUOTED, Entry
from priced.price.quote import Quote, quote_of
from priced.record.entries import read_entries
from priced.record.folder import DATA, check_new, find_folder, new_folder, new_id, read_json
from priced.record.receipt import run_of
from priced.run.budget import find_quote, hold_budget
from priced.run.change import check_changes, find_changes, names_data
from priced.run.dashboard import finish_loggers, log_scores, log_settings
from priced.run.heartbeat import beating
from priced.run.life import beat, close_life, describe_entry, fail_life, open_life
from priced.run.place import Place
from priced.run.ranks import hand_down, other_ranks
from priced.run.stage.export import export
from priced.run.stage.generate import write_continuation
from priced.run.stage.predict import write_predictions
from priced.run.weights import best_weights, check_weights, find_stop, first_weights
from priced.transfer import resolve_references


def run(
    cfg: DictConfig,
    overrides: Sequence[str] = (),
    on_quote: Callable[[Quote], None] | None = None,
    place: Place | None = None,
    observer: RunObserver | None = None,
) -> Entry:
    """Run the configured stages in order, and enter what they used and cost in the ledger.

    Stages after `fit` use the best weights that it kept. The entry is written even when a stage
    fails: those seconds were paid for too.

    Args:
        cfg: A composed config; `conf/config.yaml` names its keys. With `run` set, that run is gone
            on with in its own folder; else a new folder is made.
        overrides: The words of the command line that made it, for the record.
        on_quote: Told what the run will cost before it starts, if that is known.
        place: Where it stands among other runs.
        observer: Who started it, and may end it.

    Returns:
        The entry just written.

    Raises:
        Refused: If the config cannot run; nothing has been written then.
        Stopped: If a signal asked the run to stop; its entry has been written.
    """
    place = place or Place()
    meter = Meter.of_process(place.share)
    try:
        components, weights, entry = _prepare(cfg, meter, list(overrides), place, observer)
    except Stopped as stopped:  # in the middle of a quote: there is nothing to save
        raise SystemExit(stopped.exit_code) from None
    except Exception as error:  # nothing runs yet: whatever is wrong is wrong with the config
        meter.charge()  # what was spent so far is not the next run's
        message = (
            str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        )
        raise Refused(message) from error
    scores: dict[str, float | None] = {}
    status = "failed"
    try:
        if on_quote is not None and entry.quote:
            on_quote(quote_of(entry.quote))
        log_settings(cfg, components.trainer)
        components.watchdog.on_silence = lambda message: fail_life(cfg, components, entry, message)
        signs = beating(lambda: beat(cfg, components, entry))
        with signs, other_ranks(cfg, components.trainer, weights):
            for stage, reached in _stages(cfg, components, weights):
                scores |= reached
                if _is_scored(cfg.stages, stage):
                    status = "done"  # whatever comes of its predictions
        log_scores(cfg, components.trainer, scores)
        status = QUOTED if list(cfg.stages) == ["quote"] else "done"
    except Stopped as stopped:
        status = stopped.status
        raise
    except KeyboardInterrupt:
        status = "stopped"
        raise
    finally:
        finish_loggers(components.trainer, status)
        entry = close_life(cfg, components, replace(entry, status=status, scores=scores))
        meter.charge()
    return entry


def _is_scored(stages: Sequence[str], ended: str) -> bool:
    """Say whether all that trains or scores is done once a stage has ended."""
    rest = list(stages)[list(stages).index(ended) + 1 :]
    return "fit" in stages and not set(rest) - {"predict", "export"}


def run_rank() -> int:
    """Take part in a run that another process leads: no folder, no ledger, no words.

    Returns:
        The process's exit code.
    """
    cfg, weights = hand_down()
    find_own_modules()
    data_state = read_json(Path(cfg.folder) / DATA)
    # What rank 0 has found in order, the other ranks need not ask about.
    components = build(
        cfg, Meter.of_process(), data_state, starts=weights is None, data_is_named=True
    )
    try:
        for _ in _stages(cfg, components, weights):
            pass
    except Stopped as stopped:
        return stopped.exit_code
    return 0


def _prepare(
    cfg: DictConfig,
    meter: Meter,
    overrides: list[str],
    place: Place,
    observer: RunObserver | None,
) -> tuple[Components, Path | None, Entry]:
    """Do all that can be refused; write only once nothing is."""
    check(cfg)
    old = find_folder(cfg.run, Path(cfg.logs)) if cfg.run else None
    quotes = list(cfg.stages) == ["quote"]  # a run that is only quoted stays as it is
    goes_on = old if not quotes else None
    run_id = run_of(goes_on) if goes_on else new_id()
    made = new_folder(Path(cfg.logs), run_id, "quotes" if quotes else "runs")
    if goes_on is None and cfg.folder is not None:
        check_new(Path(cfg.folder))
    cfg.folder = str(goes_on or cfg.folder or made)
    before = read_entries(goes_on) if goes_on else []
    data_state = read_json(old / DATA) if old else None
    weights = first_weights(old, cfg.stages)
    resolve_references(cfg)
    changes = {} if old is None else find_changes(cfg, old, pending_keys(cfg))
    settings = digest_config(cfg)
    in_force: dict[str, Any] = {}
    if weights is not None and "fit" in cfg.stages:
        in_force = check_changes(cfg, changes, find_stop(weights).batches > 0)
    named = old is not None and names_data(cfg, old, overrides)
    quote = find_quote(cfg, meter, settings, data_state, weights, named)
    quoting = meter.stopwatch.seconds_by_phase().get("quote", 0.0)
    if not quotes:
        hold_budget(cfg.budget, quote, quoting, before)
    components = build(
        *(cfg, meter, data_state, before, observer),
        starts=weights is None,
        data_is_named=named,
        settings=in_force,
    )
    if weights is not None:
        check_weights(components.task, weights, resumes="fit" in cfg.stages)
    kept_quote = {} if quote is None else quote.as_dict()
    entry = describe_entry(cfg, run_id, overrides, settings, place)
    return components, weights, open_life(cfg, components, entry, kept_quote)


def _stages(
    cfg: DictConfig, components: Components, weights: Path | None
) -> Iterator[tuple[str, dict[str, float | None]]]:
    """Go through the stages in order; yield each with the scores that it ended with."""
    with components.stop.listening():
        for stage in cfg.stages:
            if stage == "quote":
                continue  # it was made before there was a folder
            components.stop.obey()
            yield stage, _go_through(stage, cfg, components, weights)
            weights = best_weights(Path(cfg.folder)) if stage == "fit" else weights


def _go_through(
    stage: str, cfg: DictConfig, components: Components, weights: Path | None
) -> dict[str, float | None]:
    writes = writes_text(stage, cfg)
    if writes or stage == "export":
        assert weights is not None
        if writes:
            write_continuation(components, weights, cfg.predict, cfg.seed)
        else:
            export(components, weights, cfg.export.format)
        return {}
    go = getattr(components.trainer, stage)
    quiet = {"verbose": False} if stage in ("validate", "test") else {}
    outputs = go(
        components.task, datamodule=components.data, ckpt_path=weights, weights_only=True, **quiet
    )
    if stage == "predict":
        write_predictions(outputs, components)
    reached = _read_scores(components)
    if stage != "fit":
        return reached
    if components.data.held is not None:
        return reached | _score_fold(cfg, components)
    return reached | components.best_scores()


def _score_fold(cfg: DictConfig, components: Components) -> dict[str, float | None]:
    """Score the best weights on the fold that training and their choice did not see."""
    best = best_weights(Path(cfg.folder))
    components.data.score_fold()
    components.trainer.validate(
        components.task,
        datamodule=components.data,
        ckpt_path=best,
        weights_only=True,
        verbose=False,
    )
    return {
        name: score for name, score in _read_scores(components).items() if name.startswith("val/")
    }


def _read_scores(components: Components) -> dict[str, float | None]:
    return {name: float(score) for name, score in components.trainer.callback_metrics.items()}
