"""`sources.text`: cases as folders, and what no folder can show."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import FetchError, ParseError
from ingest.records import Page, Reject, Source
from ingest.sources.text import claims, read, start
from tests.sources.documents import cases, check, posts, saved, served


@pytest.mark.parametrize("case", cases("text"), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    """The document gives what its folder says."""
    check("text", case)


def test_a_served_text_has_its_address() -> None:
    """A text over http is a post at that address, decoded by the header's charset."""
    (request,) = start(Source("text", "https://t.example/a.txt"))
    (page,) = read(
        Source("text", "https://t.example/a.txt"),
        served(request, "Год\n\nили".encode("koi8-r"), content_type="text/plain; charset=koi8-r"),
    )
    (post,) = posts([page])
    assert (post.title, post.body, post.url) == ("Год", "\nили", "https://t.example/a.txt")


def test_a_known_text_is_asked_for_conditionally() -> None:
    """Validators go along, and a 304 is a page with nothing in it; `--full` asks anew."""
    source = Source("text", "https://t.example/a", validators={"https://t.example/a": ('"e"', "Mon", None)})
    (request,) = start(source)
    assert (request.etag, request.last_modified, request.context) == ('"e"', "Mon", {"remember": True})
    assert list(read(source, served(request, b"", status=304))) == [Page()]
    (anew,) = start(replace(source, full=True))
    assert anew.etag is None


def test_a_refusal_is_no_text() -> None:
    """An error page is no post, however readable it is."""
    (request,) = start(Source("text", "https://t.example/a"))
    with pytest.raises(ParseError, match="404"):
        list(read(Source("text", "https://t.example/a"), served(request, b"Not found", status=404)))


def test_no_answer_is_passed_on() -> None:
    """Where there is no answer there is no smaller question either."""
    error = FetchError("https://t.example/a", "dns", "no such host")
    with pytest.raises(FetchError):
        list(read(Source("text", "https://t.example/a"), error))


def test_a_text_over_the_limit_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than any post is not kept."""
    monkeypatch.setattr("ingest.sources.text.LONGEST", 100)
    (page,) = saved("text", b"word " * 100)
    (reject,) = page.items
    assert isinstance(reject, Reject)
    assert "too big" in reject.why


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_nothing_of_a_text_is_lost(text: str) -> None:
    """Title and body hold every word of a file without front matter, in order; nothing raises."""
    body = ("Title line\n\n" + text).encode("utf-8", "surrogatepass")
    if not claims(body):
        return
    (post,) = posts(saved("text", body))
    assert post.title == "Title line"
    assert post.body.split() == body.decode("utf-8", "replace").split("Title line\n", 1)[1].split() or post.flags
