"""What makes two views one post, and the name a post is cited by.

Identity is within a site: (type, id) first; then the guid, between different sources; then the permalink's path.
Never the number in `?p=N` alone: on real sites it is another post's id often enough.
"""

import hashlib
import html

from ingest import urls
from ingest.normalise.characters import folded

__all__ = ["doc_id", "guid", "sealed", "source_hash", "text_hash"]

#: Longer names are kept by their hash: a guid of 1 MB is still one guid.
_LONGEST = 2048
_SEAL = "sha256:"


def guid(published: str | None, site: str) -> str | None:
    """The guid as an alias: entities decoded once (3 % of real pairs need it), None when it identifies nothing.

    WordPress runs `the_guid` through `esc_url`-like filters in REST and not in feeds, so one side says `&#038;`.
    """
    value = html.unescape(published or "").strip()
    if not value or urls.is_home(value, site):
        return None
    return value if len(value) <= _LONGEST else sealed(value)


def sealed(value: str) -> str:
    """A name by its hash alone: recognised when it is met again, and telling nothing."""
    return value if value.startswith(_SEAL) else _SEAL + _hex(value)


def text_hash(title: str, text: str) -> str:
    """SHA-256 of title and text, hex; the separator cannot occur in either."""
    return _hex(f"{title}\x00{text}")


def source_hash(title: str, body: str) -> str:
    """SHA-256 of title and body as the source gave them, white space aside: no rule of ours has a part in it."""
    return hashlib.sha256(b"\x00".join((folded(title), folded(body)))).hexdigest()


def doc_id(
    site: str,
    *,
    guid: str | None = None,
    type: str | None = None,  # noqa: A002  (the corpus's own word)
    remote_id: str | None = None,
    path: str | None = None,
    source_hash: str = "",
) -> str:
    """32 hex digits: eight of the site, so that the index over them grows site by site, and 24 of the identity.

    The best identity known decides: a guid that only this post of the site bears, else type and id, else the
    permalink's path, else title and body as the source gave them.
    """
    if guid:
        best = ("guid", guid)
    elif remote_id:
        best = ("id", f"{type}/{remote_id}")
    elif path:
        best = ("path", path)
    else:
        best = ("text", source_hash)
    return _hex(site)[:8] + _hex("\x00".join((site, *best)))[:24]


def _hex(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
