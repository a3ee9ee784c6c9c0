"""Authors and terms of an export: they stand before the posts, which name authors by login and terms by slug."""

from __future__ import annotations

import re

from ingest.records import PersonItem, PersonRef, TermItem, TermRef
from ingest.sources.wxr.fields import Fields

__all__ = ["Names", "number"]

_NUMBER = re.compile(r"0*([1-9][0-9]{0,18})")


class Names:
    """What the export has said of names so far."""

    def __init__(self) -> None:
        self._people: dict[str, PersonRef] = {}
        self._terms: dict[tuple[str, str], str] = {}

    def take(self, part: Fields, home: str | None) -> PersonItem | TermItem | None:
        """Remember an author or a term; the item for it, when it has a number to be known by (WXR 1.1 and later)."""
        if part.name == "wp:author":
            return self._person(part, home)
        if part.name == "wp:category":
            return self._term(part, home, "category", ("category_nicename", "cat_name", "category_parent", "category"))
        if part.name == "wp:tag":
            return self._term(part, home, "post_tag", ("tag_slug", "tag_name", "", "tag"))
        taxonomy = part.line("wp:term_taxonomy")
        if taxonomy in {"", "nav_menu"}:
            return None
        return self._term(part, home, taxonomy, ("term_slug", "term_name", "term_parent", "term"))

    def author(self, login: str) -> PersonRef:
        """The author with this login; an export of WXR 1.0 knows no more than that."""
        return self._people.get(login) or PersonRef(name=login)

    def term(self, category: Fields) -> TermRef:
        """A term as a post names it: `<category domain="post_tag" nicename="slug">Name</category>`."""
        domain = category.attribute("domain") or "category"
        taxonomy = "post_tag" if domain == "tag" else domain
        slug = category.attribute("nicename")
        return TermRef(taxonomy, self._terms.get((taxonomy, slug)), category.own or None, slug or None)

    def _person(self, part: Fields, home: str | None) -> PersonItem | None:
        login = part.line("wp:author_login")
        named = " ".join(filter(None, (part.line("wp:author_first_name"), part.line("wp:author_last_name"))))
        name = part.line("wp:author_display_name") or named or login
        id_ = number(part.line("wp:author_id"))
        if login:
            self._people[login] = PersonRef(id_, name)
        return PersonItem(id_, name, login or None, home=home) if id_ and name else None

    def _term(self, part: Fields, home: str | None, taxonomy: str, names: tuple[str, str, str, str]) -> TermItem | None:
        slug, name, parent, about = (part.line(f"wp:{key}") for key in (*names[:3], f"{names[3]}_description"))
        id_ = number(part.line("wp:term_id"))
        if id_ is None or not (name or slug):
            return None
        self._terms[taxonomy, slug] = id_
        above = self._terms.get((taxonomy, parent)) if parent else None
        return TermItem(taxonomy, id_, name or slug, slug or None, above, about or None, home)


def number(value: str) -> str | None:
    """An identifier of WordPress: a positive 64-bit integer; 0 is nobody's."""
    found = _NUMBER.fullmatch(value)
    return found[1] if found and int(found[1]) < 2**63 else None
