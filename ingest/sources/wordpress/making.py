"""A row of a live collection to an item: the collection says what it is."""

from __future__ import annotations

from ingest.records import Item, Reject
from ingest.sources.wordpress.items import post_item
from ingest.sources.wordpress.names import comment_item, medium_item, person_item, term_item
from ingest.sources.wordpress.shapes import no_post
from ingest.sources.wordpress.state import State, names_of
from ingest.sources.wordpress.values import Value

__all__ = ["make"]

_OTHERS = {"users": person_item, "media": medium_item, "comments": comment_item}


def make(state: State, of: tuple[str, ...], value: Value) -> Item:
    """The item; a Reject for a row that is no object or has no id."""
    group, name = of
    home = state.get("home")
    if not isinstance(value.data, dict):
        return Reject(no_post(value.data), value.raw, type=name, home=home)
    if group == "types":
        return post_item(value, home=home, taxonomies=names_of(state), type_=name)
    if group == "taxonomies":
        return term_item(value, home=home, taxonomy=name)
    return _OTHERS[name](value, home=home)
