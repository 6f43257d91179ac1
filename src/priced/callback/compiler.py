"""When torch's compiler works."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager


def watch_compiler(
    phase: Callable[[str], AbstractContextManager[None]],
) -> Callable[[], None] | None:
    """Charge what the compiler takes to the phase `compile`, if anything here is compiled.

    Args:
        phase: Charges what happens inside to a phase.

    Returns:
        What ends the watch; None where there is none.
    """
    if "torch._dynamo" not in sys.modules:
        return None
    from torch._dynamo.callback import callback_handler

    stack: list[AbstractContextManager[None]] = []

    def start(_: object) -> None:
        stack.append(phase("compile"))
        stack[-1].__enter__()

    def end(_: object) -> None:
        stack.pop().__exit__(None, None, None)

    def unwatch() -> None:
        callback_handler.remove_start_callback(start)
        callback_handler.remove_end_callback(end)

    callback_handler.register_start_callback(start)
    callback_handler.register_end_callback(end)
    return unwatch
