"""What a live site's answer is to the tasks: rows, one object, or one of a few words for why there are none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ingest.errors import FetchError, ParseError
from ingest.records import Response
from ingest.sources.answers import Answer, classify
from ingest.sources.wordpress.documents import Broken, open_document
from ingest.sources.wordpress.values import Value

__all__ = ["Heard", "Word", "hear"]

#: `failed`: there may be an answer to a smaller question. `closed`: not for us. `missing`: no such thing.
#: `end`: past the last page. `refused`: a parameter is not taken. The others: something stands before the site.
Word: TypeAlias = Literal[
    "ok", "unchanged", "failed", "closed", "missing", "end", "refused", "rate_limited", "challenge", "login", "parked"
]

#: Kinds of FetchError after which nothing else need be asked of the host.
NO_ANSWER = frozenset({"dns", "refused", "tls", "blocked", "robots"})

_WORDS: dict[str, Word] = {
    "unchanged": "unchanged", "not_found": "missing", "gone": "missing", "auth": "closed",
    "rate_limited": "rate_limited", "challenge": "challenge", "login": "login", "parked": "parked",
    "server_error": "failed", "status": "refused",
}  # fmt: skip
_TOTAL = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)
_BOUND = re.compile(r"between\D+\d+\D+(\d+)")


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, read."""

    word: Word
    #: The elements of a list, or the one object.
    values: tuple[Value, ...] = ()
    is_list: bool = False
    #: X-WP-Total, from the header or the envelope; None when there is none that is a number.
    total: int | None = None
    salvaged: bool = False
    #: What happened, one line for people.
    why: str = ""
    #: The code of an error envelope.
    code: str = ""
    status: int = 0
    #: The largest `per_page` that the site says it takes.
    bound: int | None = None
    #: Whether an HTML page answered where JSON is spoken.
    html: bool = False
    #: What there is instead of an answer; raised when no smaller question is left.
    error: FetchError | None = None
    url: str = ""

    @property
    def is_down(self) -> bool:
        """Whether no question at all would be answered, however small."""
        return self.error is not None and self.error.kind in NO_ANSWER

    @property
    def data(self) -> Any:
        """The one object; an empty one when there is none."""
        return self.values[0].data if self.values and not self.is_list else {}


def hear(answer: Response | FetchError) -> Heard:
    """Read an answer to any REST request. Never raises."""
    if isinstance(answer, FetchError):
        return Heard("failed", why=f"{answer.kind}: {answer.cause}", error=answer, url=answer.url)
    said = classify(answer)
    if said.word != "content":
        return _refusal(answer, said)
    try:
        document = open_document(answer.body, answer.url, answer.charset)
        if not document.whole:
            return Heard("failed", why="the JSON is cut off or damaged", status=answer.status, url=answer.url)
        values = tuple(document)
    except (ParseError, Broken) as error:
        why = f"an HTML page ({said.html_title})" if said.html_title else getattr(error, "cause", str(error))
        is_html = answer.body[:4096].lstrip()[:1] == b"<"
        return Heard("failed", why=why, status=answer.status, html=is_html, url=answer.url)
    headers = (document.envelope or {}).get("headers") or {}
    total = answer.headers.get("x-wp-total", headers.get("X-WP-Total") if isinstance(headers, dict) else None)
    return Heard(
        "ok", values, _is_list(document.text, document.is_list, document.envelope, values), _number(total),
        document.salvaged, status=answer.status, url=answer.url,
    )  # fmt: skip


def _is_list(text: str, is_list: bool, envelope: object, values: tuple[Value, ...]) -> bool:
    """Whether what was asked for is a list; in an envelope it is the body's own bracket that tells."""
    if envelope is None:
        return is_list
    return re.match(r'\s*\{\s*"body"\s*:\s*\[', text) is not None or len(values) != 1


def _refusal(answer: Response, said: Answer) -> Heard:
    word = _WORDS.get(said.word, "failed")
    if said.code.endswith("_invalid_page_number"):
        word = "end"
    if said.word == "server_error" and answer.status == 503 and "retry-after" in answer.headers:
        word = "rate_limited"  # it says when: a smaller question would only be another one
    is_html = bool(said.html_title) and word in {"closed", "missing", "refused"}
    bound = _BOUND.search(_per_page(answer, said)) if word == "refused" else None
    return Heard(
        word, why=str(said), code=said.code, status=said.status, html=is_html,
        bound=int(bound[1]) if bound else None, url=answer.url,
    )  # fmt: skip


def _per_page(answer: Response, said: Answer) -> str:
    """What a 400 says of `per_page`: `data.params.per_page`, or its message."""
    try:
        data = next(iter(open_document(answer.body, answer.url, answer.charset))).data
    except (ParseError, Broken, StopIteration):
        return ""
    inner = data.get("data")
    params = inner.get("params") if isinstance(inner, dict) else None
    found = params.get("per_page") if isinstance(params, dict) else None
    return found if isinstance(found, str) else said.message if "per_page" in said.message else ""


def _number(total: object) -> int | None:
    """A total as a number: WordPress sends digits, others `abc`, -1 or 10^12."""
    if isinstance(total, int) and not isinstance(total, bool):
        total = str(total)
    found = _TOTAL.fullmatch(total) if isinstance(total, str) else None
    return int(found[1]) if found else None
