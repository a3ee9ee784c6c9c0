"""What an HTTP answer is, decided once for every kind of source: content, a refusal, a wall, or something else.

WordPress speaks through its statuses and error envelopes (`WP_REST_Server::error_to_response`), and what stands
between it and us speaks HTML: challenges, login pages, parked domains. Those are never content, and never evidence
that a post is gone. Pure: no network, no clock.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ingest.records import Response

__all__ = ["Answer", "Word", "body_hash", "classify", "html_title"]

Word: TypeAlias = Literal[
    "content",
    "unchanged",
    "not_found",
    "gone",
    "auth",
    "rate_limited",
    "challenge",
    "login",
    "parked",
    "server_error",
    "status",
]

#: An envelope, a wall and a title are found in so many first bytes or not at all.
HEAD = 64 * 1024
STATUS_WORDS: Mapping[int, Word] = {
    200: "content",
    203: "content",
    304: "unchanged",
    401: "auth",
    403: "auth",
    404: "not_found",
    410: "gone",
    429: "rate_limited",
}
#: An envelope that comes with status 200 and names none of its own is read by its code.
CODE_WORDS: tuple[tuple[re.Pattern[str], Word], ...] = (
    (re.compile(r"rest_no_route$|_invalid_id$|not_found$|^unknown_(blog|post|user)$"), "not_found"),
    (re.compile(r"forbidden|not_logged_in|rest_cannot_|rest_disabled|login_required|unauthori[sz]ed|_token$"), "auth"),
)

#: Headers that a bot wall sets on its own pages and on no others -> what they hold then (None: anything).
#: Sources: developers.cloudflare.com "Detect a challenge page response"; vercel.com firewall; AWS WAF.
CHALLENGE_HEADERS: Mapping[str, str | None] = {
    "cf-mitigated": "challenge",
    "x-vercel-mitigated": None,
    "x-amzn-waf-action": None,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer is."""

    word: Word
    #: The HTTP status, or the one that the envelope of a 200 names.
    status: int
    #: Code of the error envelope (`rest_no_route`, …); empty when there is none.
    code: str = ""
    #: What the envelope says to people.
    message: str = ""
    #: Title of an HTML answer, for the log.
    html_title: str = ""
    #: Codes that the envelope gives per parameter (`data.details.*.code`).
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for people, such as `404 rest_post_invalid_id: Invalid post ID`."""
        said = ": ".join(part for part in (self.code, self.message or self.html_title) if part)
        return f"{self.status} {said or self.word}"


_UNCHANGED = Answer("unchanged", 304)


def classify(response: Response) -> Answer:
    """What `response` is. Never raises; reads its first 64 KiB, and the stream is at its start afterwards."""
    if response.status == 304:
        response.stream.seek(0)
        return _UNCHANGED
    head = _head(response)
    is_html = _is_html(response, head)
    title = html_title(head) if is_html else ""
    if _is_challenge(response, head, title, is_html=is_html):
        return Answer("challenge", response.status, html_title=title)
    envelope = None if is_html else _envelope(response, head)
    if envelope is not None:
        return _from_envelope(response.status, envelope)
    word = _status_word(response.status)
    if word == "content" and is_html:
        word = _page(response.url, head, title)
    return Answer(word, response.status, html_title=title)


def body_hash(response: Response) -> str:
    """sha256 of the decoded body in hex, by which "200, but the same" is recognised before anything is parsed."""
    response.stream.seek(0)
    digest = hashlib.sha256()
    while part := response.stream.read(HEAD):
        digest.update(part)
    response.stream.seek(0)
    return digest.hexdigest()


def html_title(head: bytes) -> str:
    """The title in the first bytes of an HTML page: entities decoded once, spaces collapsed, 200 characters at most."""
    found = re.search(rb"(?i)<title\b[^>]{0,500}>([^<]{0,2000})", head)
    if found is None:
        return ""
    return " ".join(html.unescape(found[1].decode("utf-8", "replace")).split())[:200]


def _head(response: Response) -> bytes:
    response.stream.seek(0)
    head = response.stream.read(HEAD)
    response.stream.seek(0)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_html(response: Response, head: bytes) -> bool:
    start = head[:64].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return True
    named = response.content_type in {"text/html", "application/xhtml+xml"}
    return named and start.startswith(b"<") and not start.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf"))


def _is_challenge(response: Response, head: bytes, title: str, *, is_html: bool) -> bool:
    for name, value in CHALLENGE_HEADERS.items():
        held = response.headers.get(name)
        if held is not None and (value is None or held.strip().lower() == value):
            return True
    if not is_html:
        return False
    from ingest.sources.walls import is_challenge  # noqa: PLC0415  (2 ms of patterns, and hardly an answer is HTML)

    return is_challenge(head, title, status=response.status)


def _page(url: str, head: bytes, title: str) -> Word:
    from ingest.sources.walls import what_page  # noqa: PLC0415  (as above)

    return what_page(url, head, title)


def _status_word(status: int) -> Word:
    return STATUS_WORDS.get(status) or ("server_error" if 500 <= status < 600 else "status")


def _envelope(response: Response, head: bytes) -> Mapping[str, Any] | None:
    """The error envelope in a JSON answer: `{code, message, data}`, or WordPress.com's `{error, message}`."""
    start = 0 if head.startswith(b"{") else head.find(b'{"code"') if response.content_type.endswith("json") else -1
    if start < 0 or head.startswith(b"["):
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(head[start:].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    code = found.get("code", found.get("error"))
    is_code = isinstance(code, str) or (isinstance(code, int) and not isinstance(code, bool))
    return found if is_code and isinstance(found.get("message"), str) and not {"id", "ID"} & found.keys() else None


def _from_envelope(status: int, envelope: Mapping[str, Any]) -> Answer:
    code = str(envelope.get("code", envelope.get("error")))
    data = envelope.get("data")
    details = data.get("details") if isinstance(data, dict) else None
    codes = tuple(
        detail["code"]
        for detail in (details.values() if isinstance(details, dict) else ())
        if isinstance(detail, dict) and isinstance(detail.get("code"), str)
    )
    word = _status_word(status)
    if word == "content":
        said = data.get("status") if isinstance(data, dict) else envelope.get("code")
        status, word = _said_status(status, said, code)
    return Answer(word, status, code, " ".join(html.unescape(envelope["message"]).split())[:500], details=codes)


def _said_status(status: int, said: object, code: str) -> tuple[int, Word]:
    """Status and word of an envelope that came with a 200."""
    if isinstance(said, int) and 400 <= said < 600:
        return said, _status_word(said)
    return status, next((word for pattern, word in CODE_WORDS if pattern.search(code)), "status")
