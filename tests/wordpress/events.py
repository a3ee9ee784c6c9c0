"""What happens on a blog between two polls, done by WordPress' own functions.

Times are UTC, `YYYY-MM-DD HH:MM:SS`. `at` is the date of a post; `modified` replaces the clock where WordPress would note the
time of an edit, so that a test does not depend on when it runs. Each call costs about 0.1 s, whatever the number of posts.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .server import WordPress

__all__ = [
    "application_password",
    "comment",
    "delete",
    "draft",
    "edit",
    "publish",
    "rename_term",
    "rename_user",
    "restore",
    "run_cron",
    "schedule",
    "set_password",
    "set_status",
    "set_tags",
    "set_timezone",
    "trash",
]

_SCRIPT = Path(__file__).with_name("events.php")
_HAPPEN = "require $args[0]; echo json_encode( wp_test_happen( json_decode( $args[1], true ) ) );"


def publish(
    site: WordPress,
    title: str,
    content: str = "<p>News.</p>",
    *,
    at: str | None = None,
    modified: str | None = None,
    type: str = "post",  # noqa: A002 -- WordPress' word
    password: str = "",
    tags: Sequence[str] = (),
) -> int:
    """Publish a new post; its id comes out. With an old `at` and no `modified` it is an importer's: modified = date."""
    event = {"title": title, "content": content, "at": at, "type": type, "password": password, "tags": list(tags)}
    return int(_happen(site, "publish", **event, modified=modified))


def draft(site: WordPress, title: str, content: str = "<p>News.</p>", *, modified: str | None = None) -> int:
    """Save a draft; its id comes out. `set_status(…, "publish", at=…)` publishes it, backdated if wished."""
    return int(_happen(site, "draft", title=title, content=content, at=None, type="post", modified=modified))


def schedule(site: WordPress, title: str, content: str = "<p>News.</p>", *, at: str, modified: str) -> int:
    """Schedule a post, last saved at `modified`, for `at`, past or to come; its id comes out. `run_cron` publishes it."""
    return int(_happen(site, "schedule", title=title, content=content, at=at, type="post", modified=modified))


def run_cron(site: WordPress, until: str) -> list[int]:
    """Publish what is scheduled up to `until`, as WordPress' cron does: modified stays. The ids come out."""
    return [int(post) for post in _happen(site, "cron", until=until)]


def edit(
    site: WordPress,
    *ids: int,
    title: str | None = None,
    append: str | None = "<p>Edited.</p>",
    modified: str | None = None,
) -> None:
    """Save posts again, with another title and with `append` at the end of their bodies."""
    _happen(site, "edit", ids=ids, title=title, append=append, modified=modified)


def set_status(site: WordPress, status: str, *ids: int, at: str | None = None, modified: str | None = None) -> None:
    """Make posts `private`, `draft`, `pending` or `publish`; `at` gives them another date."""
    _happen(site, "status", ids=ids, status=status, at=at, modified=modified)


def set_password(site: WordPress, password: str, *ids: int, modified: str | None = None) -> None:
    """Protect posts by a password; an empty one opens them."""
    _happen(site, "password", ids=ids, password=password, modified=modified)


def trash(site: WordPress, *ids: int, modified: str | None = None) -> None:
    """Move posts to the trash."""
    _happen(site, "trash", ids=ids, modified=modified)


def restore(site: WordPress, *ids: int, modified: str | None = None) -> None:
    """Take posts out of the trash, with the status they had."""
    _happen(site, "restore", ids=ids, modified=modified)


def delete(site: WordPress, *ids: int) -> None:
    """Delete posts for good."""
    _happen(site, "delete", ids=ids)


def rename_term(site: WordPress, taxonomy: str, old: str, new: str) -> None:
    """Rename a term of `category` or `post_tag`; no post's modified time tells."""
    _happen(site, "rename_term", taxonomy=taxonomy, old=old, new=new)


def rename_user(site: WordPress, login: str, name: str) -> None:
    """Give an author another name; no post's modified time tells."""
    _happen(site, "rename_user", login=login, name=name)


def set_tags(site: WordPress, tags: Sequence[str], *ids: int) -> None:
    """Replace the tags of posts by code; their modified times do not tell."""
    _happen(site, "tag", ids=ids, tags=list(tags))


def comment(site: WordPress, post: int, text: str, *, author: str = "Visitor", at: str | None = None) -> int:
    """Add an approved comment to a post; its id comes out."""
    return int(_happen(site, "comment", post=post, text=text, author=author, at=at))


def set_timezone(site: WordPress, name: str) -> None:
    """Change the time zone of the site: stored local times stay as they are."""
    _happen(site, "timezone", name=name)


def application_password(site: WordPress, login: str = "admin") -> str:
    """A new application password of a user, for Basic authentication."""
    return str(_happen(site, "password_of", login=login))


def _happen(site: WordPress, event: str, **details: Any) -> Any:
    """Run one event of events.php; its result comes out. ServerError when WordPress refuses."""
    return json.loads(site.php(_HAPPEN, str(_SCRIPT), json.dumps({"event": event, **details})))
