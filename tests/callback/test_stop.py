import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from priced.callback.stop import Stop, Stopped
from tests.callback.fake import Strategy, make_trainer


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_stops_after_the_step(number: signal.Signals, code: int) -> None:
    stop, trainer = Stop(), make_trainer(default_root_dir="here")
    before = signal.getsignal(number)
    with stop.listening():
        stop.on_train_batch_end(trainer)
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped, match=f"stopped by {number.name}") as stopped:
            stop.on_train_batch_end(trainer)
    assert stopped.value.exit_code == code
    assert trainer.saved == [Path("here/checkpoints/last.ckpt")]
    assert signal.getsignal(number) == before, "given back"


def test_a_second_signal_stops_at_once() -> None:
    stop = Stop()
    with stop.listening():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped, match="stopped by SIGINT"):
            os.kill(os.getpid(), signal.SIGINT)


def test_lightnings_own_handler_is_taken_back_while_it_listens() -> None:
    stop, before = Stop(), signal.getsignal(signal.SIGTERM)
    try:
        with stop.listening():
            for hook in (stop.on_train_start, stop.on_test_start, stop.on_predict_start):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                hook()
                assert signal.getsignal(signal.SIGTERM) == stop._note
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop.on_validation_start()
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN, "nobody listens any more"
    finally:
        signal.signal(signal.SIGTERM, before)


def test_all_ranks_stop_after_the_same_step() -> None:
    class Others(Strategy):
        """Another rank was asked to stop, this one was not."""

        def reduce_boolean_decision(self, decision: bool, all: bool) -> bool:
            return True

    trainer = make_trainer(world_size=2, strategy=Others(), default_root_dir="here")
    with pytest.raises(Stopped, match="stopped by SIGTERM"):
        Stop().on_train_batch_end(trainer)
    assert trainer.saved


def test_between_batches_of_a_test_it_stops_without_saving() -> None:
    stop, trainer = Stop(), make_trainer()
    stop.requested = Stopped("enough", 3)
    stop.on_validation_batch_end(trainer)  # within fit: after the step
    for hook in (stop.on_test_batch_end, stop.on_predict_batch_end):
        with pytest.raises(Stopped, match="enough"):
            hook(trainer)
    with pytest.raises(Stopped, match="enough"):
        stop.on_validation_batch_end(make_trainer(state=SimpleNamespace(fn="validate")))
    assert not trainer.saved
