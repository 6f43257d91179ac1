"""Rooms that are called by their name: `priced.run(config)` beside `priced.run.group`.

A function of the package cannot have the name of a room: whoever looks a class up by its dotted
name, as Hydra does, walks through the room. So the room itself is called.
"""

import sys
from importlib import import_module
from inspect import Signature, signature
from types import ModuleType
from typing import Any


def call_by_name(room: str, module: str, name: str) -> None:
    """Let a room be called: what is done is a function of it, imported by then.

    Args:
        room: The room's dotted name, imported.
        module: Where the function is.
        name: The function's.
    """

    class Room(ModuleType):
        def __call__(self, *args: Any, **named: Any) -> Any:
            return getattr(import_module(module), name)(*args, **named)

        @property
        def __signature__(self) -> Signature:
            return signature(getattr(import_module(module), name))

    sys.modules[room].__class__ = Room
