"""Names of a room that are loaded when they are asked for, so that nobody pays for what he does not use."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["later"]


def later(room: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """A room's `__getattr__` (PEP 562). `names`: each name and the module of the room that has it."""

    def found(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = getattr(import_module(f"{room}.{names[name]}"), name)
        setattr(sys.modules[room], name, value)
        return value

    return found
