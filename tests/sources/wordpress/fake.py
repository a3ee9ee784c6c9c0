"""A WordPress in memory that answers requests as the real one does, and a keeper of what a kind says of it.

The answers are shaped after WordPress 6.8 on 127.0.0.1; what differs from it is a fault that a test asks for.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ingest import dates
from ingest.errors import FetchError
from ingest.records import (
    CommentItem,
    Held,
    MediumItem,
    Page,
    PersonItem,
    PostItem,
    Reject,
    Request,
    Response,
    Source,
    TermItem,
)
from ingest.sources import wordpress
from ingest.sources.answers import body_hash

HOME = "https://blog.example"
BASES = {"posts": "post", "pages": "page", "books": "book"}


@dataclass
class Site:
    """The rows of a site, by id, and how it misbehaves."""

    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    terms: dict[str, dict[int, str]] = field(default_factory=lambda: {"category": {1: "Health"}, "post_tag": {}})
    users: dict[int, str] = field(default_factory=lambda: {1: "Ana"})
    comments: dict[int, int] = field(default_factory=dict)
    #: Called before each answer with the number of the request: what happens on the site meanwhile.
    meanwhile: Callable[["Site", int], None] | None = None
    #: Parameters that are ignored; routes that are closed; the largest `per_page`.
    ignores: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    cap: int = 100
    silent_cap: int | None = None
    totals: Callable[[int], str | None] = str
    poison: frozenset[int] = frozenset()
    how: str = "500"
    #: Whether poison kills even an answer that holds no more than its id.
    deadly: bool = False
    #: Changes any answer on its way out.
    rewrite: Callable[[Response], Response] | None = None
    feed: bool = True
    modified: str = "2026-01-01T00:00:00"
    asked: list[str] = field(default_factory=list)

    def add(self, number: int, type_: str = "post", *, at: str = "2026-01-01T00:00:00", **more: Any) -> None:
        """A public row."""
        row = {"type": type_, "status": "publish", "at": at, "title": f"Title {number}", "terms": [1], "author": 1}
        self.posts[number] = row | more
        self.modified = max(self.modified, at)

    def edit(self, number: int, at: str) -> None:
        """Somebody edits a row."""
        self.posts[number] |= {"at": at, "title": f"Title {number}, edited {at}"}
        self.modified = max(self.modified, at)

    def public(self, type_: str = "post") -> dict[int, dict[str, Any]]:
        """What a visitor may see."""
        return {n: row for n, row in sorted(self.posts.items()) if row["type"] == type_ and row["status"] == "publish"}

    def get(self, request: Request) -> Response:
        """Answer."""
        self.asked.append(request.url)
        if self.meanwhile:
            self.meanwhile(self, len(self.asked))
        parts = urlsplit(request.url)
        if parts.path.startswith("/wp-json"):
            query = {k: v for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in self.ignores}
            answer = self._rest(request, parts.path.removeprefix("/wp-json"), query)
        else:
            answer = (
                self._feed(request) if "feed" in request.url else _answer(request, 404, b"<html>no", {}, "text/html")
            )
        return self.rewrite(answer) if self.rewrite else answer

    def _feed(self, request: Request) -> Response:
        if not self.feed:
            return _answer(request, 404, b"<html><title>Not found</title>", {}, "text/html")
        etag = f'"{self.modified}"'
        if request.etag == etag:
            return _answer(request, 304, b"", {"etag": etag})
        newest = sorted(self.public().items(), key=lambda one: (one[1]["at"], one[0]))[-10:]
        body = f"<rss><channel>{newest}</channel></rss>".encode()
        return _answer(request, 200, body, {"etag": etag}, "application/rss+xml")

    def _rest(self, request: Request, path: str, query: Mapping[str, str]) -> Response:
        parts = path.strip("/").split("/")
        if path.strip("/") in self.closed or parts[-1] in self.closed:
            return _error(request, 401, "rest_cannot_access", "Only authenticated users can access the REST API.")
        if path in {"", "/"}:
            return _json(request, {"name": "Blog", "home": HOME, "url": HOME, "namespaces": ["wp/v2"],
                                   "gmt_offset": 0, "timezone_string": ""})  # fmt: skip
        name = parts[2] if len(parts) > 2 else ""
        if name == "types":
            types = {t: {"slug": t, "name": t, "rest_base": b, "rest_namespace": "wp/v2"} for b, t in BASES.items()}
            return _json(request, types | {"attachment": {"slug": "attachment", "name": "Media", "rest_base": "media"}})
        if name == "taxonomies":
            return _json(request, {"category": {"slug": "category", "name": "c", "rest_base": "categories"},
                                   "post_tag": {"slug": "post_tag", "name": "t", "rest_base": "tags"}})  # fmt: skip
        if path == "/wp/v2/users/me":
            return _json(request, {"id": 1, "name": "Ana"})
        if name in BASES and len(parts) == 4:
            return self._single(request, BASES[name], int(parts[3]), query)
        rows = self._rows(name, any_status="status" in query)
        if rows is None:
            return _error(request, 404, "rest_no_route", "No route was found matching the URL and request method.")
        return self._collection(request, rows, query)

    def _rows(self, name: str, *, any_status: bool) -> dict[int, Any] | None:
        if name in BASES:
            rows = self.posts.items() if any_status else self.public(BASES[name]).items()
            return {
                n: self._post(n) for n, row in sorted(rows) if row["type"] == BASES[name] and row["status"] != "trash"
            }
        if name in {"categories", "tags"}:
            taxonomy = "category" if name == "categories" else "post_tag"
            return {
                n: {"id": n, "name": t, "slug": t.lower(), "taxonomy": taxonomy}
                for n, t in self.terms[taxonomy].items()
            }
        if name == "users":
            return {n: {"id": n, "name": t, "slug": t.lower()} for n, t in self.users.items()}
        if name == "comments":
            return {
                n: {"id": n, "post": p, "author_name": "V", "content": {"rendered": "x"}}
                for n, p in self.comments.items()
            }
        return {} if name == "media" else None

    def _post(self, number: int) -> dict[str, Any]:
        row = self.posts[number]
        content = {"rendered": f"<p>Body of {row['title']}</p>", "protected": bool(row.get("password"))}
        return {
            "id": number, "date": row.get("date", row["at"]), "date_gmt": row.get("date", row["at"]), "modified": row["at"],
            "modified_gmt": row["at"], "status": row["status"], "type": row["type"], "slug": f"s{number}",
            "link": f"{HOME}/s{number}/", "title": {"rendered": row["title"]}, "content": content,
            "author": row["author"], "categories": row["terms"], "tags": [], "guid": {"rendered": f"{HOME}/?p={number}"},
            "yoast_head": "<meta>", "acf": [], "_links": {"self": [{"href": f"{HOME}/wp-json/wp/v2/posts/{number}"}]},
        }  # fmt: skip

    def _single(self, request: Request, type_: str, number: int, query: Mapping[str, str]) -> Response:
        row = self.posts.get(number)
        if row is None or row["type"] != type_:
            return _error(request, 404, "rest_post_invalid_id", "Invalid post ID.")
        if row["status"] != "publish":
            return _error(request, 401, "rest_forbidden", "Sorry, you are not allowed to do that.")
        return self._fails(request) if number in self.poison else _json(request, _only(self._post(number), query))

    def _collection(self, request: Request, rows: dict[int, Any], query: Mapping[str, str]) -> Response:
        per_page = int(query.get("per_page", 10))
        if not 1 <= per_page <= self.cap:
            said = f"per_page must be between 1 (inclusive) and {self.cap} (inclusive)"
            return _error(
                request, 400, "rest_invalid_param", "Invalid parameter(s): per_page", params={"per_page": said}
            )
        found = self._filtered(rows, query)
        size = min(per_page, self.silent_cap or per_page)
        at = int(query["offset"]) if "offset" in query else (int(query.get("page", 1)) - 1) * per_page
        if at >= len(found) and at and "offset" not in query:
            return _error(request, 400, "rest_post_invalid_page_number", "The page number requested is larger than …")
        total = self.totals(len(found) if at < max(len(found), 1) else 0)
        window = found[at : at + size]
        bodies = not query.get("_fields", "").startswith("id") or len(query["_fields"]) > 20
        if (bodies or self.deadly) and any(row["id"] in self.poison for row in window):
            return self._fails(request)
        shown = [_only(row, query) for row in window]
        if query.get("_envelope"):
            return _json(request, {"body": shown, "status": 200, "headers": {"X-WP-Total": len(found)}})
        return _json(request, shown, {"x-wp-total": total} if total is not None else {})

    def _filtered(self, rows: dict[int, Any], query: Mapping[str, str]) -> list[Any]:
        found = [rows[n] for n in sorted(rows)]
        if "include" in query:
            wanted = [int(n) for n in query["include"].split(",")]
            found = [rows[n] for n in wanted if n in rows]
        if "exclude" in query:
            found = [row for row in found if str(row["id"]) not in query["exclude"].split(",")]
        for key, column in (("modified_after", "modified_gmt"), ("after", "date_gmt")):
            if key in query:
                if query[key].endswith("T23:59:59"):  # a naive time is read as the site's local one
                    found = [row for row in found if row["date"] > query[key]]
                    continue
                assert query[key].endswith("Z"), "no time but the last second of a day is meant as the site's own"
                found = [row for row in found if row[column] + "Z" > query[key]]
        if query.get("order", "asc" if query.get("orderby") == "id" else "desc") == "desc" and "include" not in query:
            found.reverse()
        return found

    def _fails(self, request: Request) -> Response:
        if self.how in {"too_slow", "too_big", "truncated"}:
            raise FetchError(request.url, self.how, "as the test wants")
        if self.how == "cut":
            return _answer(request, 200, b'[{"id":1,"title":{"rendered":"ha', {}, "application/json")
        return _answer(request, 500, b"<!DOCTYPE html><html><title>Error</title>", {}, "text/html")


def _only(row: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    fields = query.get("_fields")
    return {k: v for k, v in row.items() if k in fields.split(",")} if fields else row


def _answer(request: Request, status: int, body: bytes, headers: Mapping[str, str], type_: str = "") -> Response:
    return Response(request, request.url, status, {"content-type": type_, **headers}, io.BytesIO(body))


def _json(request: Request, data: Any, headers: Mapping[str, str] | None = None) -> Response:
    return _answer(request, 200, json.dumps(data).encode(), headers or {}, "application/json; charset=UTF-8")


def _error(request: Request, status: int, code: str, message: str, **data: Any) -> Response:
    body = {"code": code, "message": message, "data": {"status": status, **data}}
    return _answer(request, status, json.dumps(body).encode(), {}, "application/json; charset=UTF-8")


@dataclass
class Keeper:
    """What the corpus would hold after what the kind said, and what each run came to."""

    site: Site
    options: dict[str, Any] = field(default_factory=dict)
    cursor: dict[str, Any] = field(default_factory=dict)
    posts: dict[str, dict[str, str | None]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    #: The day on which each was published, as it said.
    days: dict[str, str] = field(default_factory=dict)
    rejects: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: dict[str, tuple[str, str]] = field(default_factory=dict)
    terms: dict[str, set[str]] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)
    media: set[str] = field(default_factory=set)
    validators: dict[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    stored: int = 0
    cursor_writes: int = 0

    def source(self, now: str, *, full: bool = False) -> Source:
        """The source as the corpus would hand it out."""
        held = Held(
            posts={t: dict(ids) for t, ids in self.posts.items()},
            terms={t: frozenset(ids) for t, ids in self.terms.items()},
            people=frozenset(self.people),
            rejects=frozenset(self.rejects),
            before={t: frozenset(n for n in ids if self._is_older(t, n)) for t, ids in self.posts.items()},
        )
        return Source("wordpress", HOME, id=1, home=HOME, endpoint=f"{HOME}/wp-json/", cursor=json.loads(json.dumps(self.cursor)),
                      validators=dict(self.validators), options=self.options, held=held, now=now, full=full)  # fmt: skip

    def _is_older(self, type_: str, number: str) -> bool:
        return self.days[f"{type_}/{number}"] < self.options.get("since", "")

    def run(self, now: str = "2026-02-01T00:00:00Z", *, most: int = 2000, full: bool = False) -> list[str]:
        """One run; what was asked. It is interrupted after `most` requests."""
        source, self.pages, self.stored, self.cursor_writes = self.source(now, full=full), [], 0, 0
        before, waiting = len(self.site.asked), wordpress.start(source)
        while waiting and len(self.site.asked) - before < most:
            request = waiting.pop(0)
            try:
                answer: Response | FetchError = self.site.get(request)
            except FetchError as error:
                error.request = request
                answer = error
            for page in wordpress.read(source, answer):
                self._apply(page, answer)
                waiting.extend(page.next)
        return self.site.asked[before:]

    @property
    def trouble(self) -> list[str]:
        """The words that the last run's pages brought."""
        return [page.trouble for page in self.pages if page.trouble]

    @property
    def notes(self) -> list[str]:
        """The notes of the last run."""
        return [note for page in self.pages for note in page.notes]

    def _apply(self, page: Page, answer: Response | FetchError) -> None:
        self.pages.append(page)
        if isinstance(answer, Response) and answer.request.context.get("remember") and answer.status == 200:
            said = (answer.headers.get("etag"), answer.headers.get("last-modified"), body_hash(answer))
            self.validators[answer.request.url] = said
        for item in page.items:
            self._keep(item)
        for gone in page.gone:
            self.posts.get(gone.type, {}).pop(gone.remote_id, None)
            self.gone[f"{gone.type}/{gone.remote_id}"] = (gone.kind, gone.evidence)
        if page.cursor is not None:
            self.cursor, self.cursor_writes = json.loads(json.dumps(page.cursor)), self.cursor_writes + 1

    def _keep(self, item: Any) -> None:
        if isinstance(item, PostItem):
            assert item.remote_id
            self.stored += 1
            self.posts.setdefault(item.type, {})[item.remote_id] = dates.from_pair(item.modified.utc, None).utc
            self.titles[f"{item.type}/{item.remote_id}"] = item.title
            self.days[f"{item.type}/{item.remote_id}"] = str(item.published.local)[:10]
            self.rejects.pop((item.type, item.remote_id), None)
            self.gone.pop(f"{item.type}/{item.remote_id}", None)
        elif isinstance(item, TermItem):
            self.terms.setdefault(item.taxonomy, set()).add(item.remote_id)
        elif isinstance(item, PersonItem):
            self.people.add(item.remote_id)
        elif isinstance(item, CommentItem):
            self.comments.add(item.remote_id)
        elif isinstance(item, MediumItem):
            self.media.add(item.remote_id)
        elif isinstance(item, Reject) and item.type and item.remote_id:
            self.rejects[item.type, item.remote_id] = item.why
