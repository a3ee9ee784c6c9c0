"""Records between processes: pickled as their fields in order, not by the general way of frozen slotted classes.

The general way calls `dataclasses.fields` and sets every field by a function in Python, for the writing and for the
reading: 82 us for a post with its links, media and terms, of which this leaves 47.
"""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

__all__ = ["by_position"]

T = TypeVar("T")


def by_position(record: type[T]) -> type[T]:
    """The dataclass `record`, of two fields or more, pickled as a call of it with its fields in their order.

    Goes outside of `@dataclass`, whose `slots=True` makes another class. Raises TypeError for a single field.
    """
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    if len(names) < 2:
        raise TypeError(f"{record.__name__} has fewer than two fields")
    values: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)

    def reduce(self: T) -> tuple[type[T], tuple[Any, ...]]:
        return record, values(self)

    record.__reduce__ = reduce  # type: ignore[assignment,method-assign]
    return record
