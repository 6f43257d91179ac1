"""Several runs that count as one: folds of a cross-validation, and seeds."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

import pytest

from priced.callback.stop import Stopped
from priced.check import Refused
from priced.price.quote import Quote
from priced.record.ledger import entries
from priced.record.runs import group_lives
from priced.run.group import quote_all, run_all
from tests.conftest import QUICK, Configure, Priced

Folders = Callable[[], Sequence[Path]]
FAST = (*QUICK, "stages=[fit]")


def ledger_of(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/logs/ledger.db"


def test_folds_are_parts_of_one_run_whose_scores_are_their_means(
    configure: Configure, tmp_path: Path
) -> None:
    whole = run_all(configure(*FAST, "cv.folds=3"))
    [run] = group_lives(entries(ledger_of(tmp_path)))
    assert (run.run, len(run.members)) == (whole.run, 3)
    scores = [part.scores["val/accuracy"] for part in run.members]
    assert len(set(scores)) > 1, "each was scored on another fold"
    assert whole.scores["val/accuracy"] == pytest.approx(fmean(float(s or 0) for s in scores))
    assert run.usd == pytest.approx(sum(part.usd for part in run.members))
    assert run.usd > 0
    assert run.lives[0].usd == 0, "nothing is paid twice"
    assert sorted(p.name for p in Path(whole.folder).glob("fold-*")) == [
        "fold-0",
        "fold-1",
        "fold-2",
    ]


def test_seeds_repeats_and_folds_multiply(configure: Configure, tmp_path: Path) -> None:
    words = ("seeds=2", "cv.folds=2", "cv.repeats=2", "seed=4", "max_epochs=1")
    run_all(configure(*FAST, *words))
    [run] = group_lives(entries(ledger_of(tmp_path)))
    assert {part.first.seed for part in run.members} == {4, 5}
    assert len(run.members) == 8
    names = {Path(part.last.folder).name for part in run.members}
    assert "seed-5-repeat-1-fold-0" in names


def test_seeds_are_the_runs_that_each_seed_alone_would_be(
    configure: Configure, tmp_path: Path
) -> None:
    run_all(configure(*FAST, "seeds=2"))
    alone = run_all(configure(*FAST, "seed=1"))
    [_, whole] = group_lives(entries(ledger_of(tmp_path)))
    assert whole.members[1].scores == alone.scores
    assert whole.members[1].last.settings == alone.settings


def test_what_was_finished_is_not_run_again_and_the_rest_is(
    configure: Configure, tmp_path: Path
) -> None:
    class Once:
        """Ends the whole after its first part."""

        def order(self) -> Stopped | None:
            return None

        def on_validation(self, part: int, epoch: int, score: float, usd: float) -> Stopped | None:
            return None

        def on_member_end(self, part: int, score: float | None) -> Stopped | None:
            return Stopped("enough", 1, "stopped")

    with pytest.raises(Stopped):
        run_all(configure(*FAST, "cv.folds=3"), observer=Once())
    [stopped] = group_lives(entries(ledger_of(tmp_path)))
    assert (stopped.status, len(stopped.members)) == ("stopped", 1)
    first = stopped.members[0].lives
    run_all(configure(*FAST, "cv.folds=3", f"run={stopped.last.folder}"))
    [run] = group_lives(entries(ledger_of(tmp_path)))
    assert (run.status, len(run.members)) == ("done", 3)
    assert run.members[0].lives == first
    left_alone = run_all(configure(*FAST, "cv.folds=3"))
    assert run.scores == left_alone.scores


def test_a_judge_hears_every_validation_of_every_part_and_a_price_that_grows(
    configure: Configure,
) -> None:
    heard: list[tuple[int, int]] = []
    spent: list[float] = []

    class Listens:
        def order(self) -> Stopped | None:
            return None

        def on_validation(self, part: int, epoch: int, score: float, usd: float) -> Stopped | None:
            heard.append((part, epoch))
            spent.append(usd)
            assert 0 <= score <= 1
            return None

        def on_member_end(self, part: int, score: float | None) -> Stopped | None:
            return None

    run_all(configure(*FAST, "seeds=2"), observer=Listens())
    assert heard == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert spent == sorted(spent)
    assert spent[0] > 0


def test_a_judge_ends_a_run_after_the_next_step(configure: Configure, tmp_path: Path) -> None:
    class Ends:
        def order(self) -> Stopped | None:
            return None

        def on_validation(self, part: int, epoch: int, score: float, usd: float) -> Stopped | None:
            return Stopped("not worth it", 1, "pruned")

        def on_member_end(self, part: int, score: float | None) -> Stopped | None:
            return None

    with pytest.raises(Stopped):
        run_all(configure(*FAST, "max_epochs=9"), observer=Ends())
    [entry] = entries(ledger_of(tmp_path))
    assert entry.status == "pruned"
    assert entry.usage.steps == 41 + 1
    assert entry.usd > 0


def test_a_whole_goes_on_from_its_folder_through_the_command_line(
    priced: Priced, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK, "cv.folds=2") == 0
    out = capsys.readouterr().out
    assert "all-in of 2 runs" in out
    assert "fold-1" in out
    assert "never reached" not in out
    [whole] = group_lives(entries(ledger_of(tmp_path)))
    before = json.loads((Path(whole.last.folder) / "scores.json").read_text())
    assert priced("train", f"run={whole.last.folder}", "stages=[test]") == 0
    after = json.loads((Path(whole.last.folder) / "scores.json").read_text())
    assert {k: v for k, v in after.items() if k.startswith("test/")} == {
        k: v for k, v in before.items() if k.startswith("test/")
    }
    capsys.readouterr()
    assert priced("runs", "show", "last") == 0
    assert "fold-0" in capsys.readouterr().out


def test_a_budget_is_for_all_parts_together(priced: Priced, tmp_path: Path) -> None:
    words = ("cv.folds=3", "max_epochs=4000", "budget.seconds=9", "budget.enforce=warn")
    assert priced("train", *QUICK, *words) == 3
    [run] = group_lives(entries(ledger_of(tmp_path)))
    assert run.status == "stopped: budget"
    assert len(run.members) == 1


def test_a_group_is_quoted_as_a_whole_and_held_against_its_budget(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = (*QUICK, "max_epochs=300")
    alone = quote_all(configure(*long))
    # A probe's answer differs by what else this machine does: both take the same one.
    monkeypatch.setattr("priced.run.budget.make_quote", lambda *args: alone)
    enough_for_two = f"budget.seconds={2 * alone.seconds}"
    with pytest.raises(Refused, match=r"the run is quoted at .* above budget\.seconds"):
        run_all(configure(*long, "cv.folds=4", enough_for_two))
    assert not (tmp_path / "logs").exists(), "it is refused before anything is written"


def test_a_group_and_not_its_members_has_a_quote_which_is_held_against_the_truth(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotes: list[Quote] = []
    words = (*FAST, "cv.folds=2", "budget.seconds=900")
    whole = run_all(configure(*words), on_quote=quotes.append)
    [run] = group_lives(entries(ledger_of(tmp_path)))
    assert whole.quote is not None
    assert quotes[0].batches == whole.quote.batches
    assert sum(member.usage.batches for member in run.members) == whole.quote.batches
    assert all(life.quote is None for member in run.members for life in member.lives)
    took = run.seconds - run.usage.seconds_by_phase["quote"]
    assert whole.quote.error == pytest.approx(took / whole.quote.seconds - 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cv.folds=1",), "cv.folds must be 2 or more"),
        (("cv.fold=0",), "cv needs the number of folds"),
        (("cv.folds=3", "cv.fold=3"), r"cv.fold must be in 0..2"),
        (("seeds=0",), "seeds must be 1 or more"),
        (("cv.folds=3", "cv.repeats=0"), "cv.repeats must be 1 or more"),
        (("threads=0",), "threads must be 1 or more"),
    ],
)
def test_what_cannot_be_cut_up_is_refused(
    configure: Configure, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        run_all(configure(*QUICK, *words))
