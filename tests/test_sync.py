"""The loop for one source, with the network played: what was seen already, what is a wall, what moved."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest

from ingest import sync
from ingest.errors import FetchError, ReadError
from ingest.fetch import Stopped
from ingest.reading.document import Step
from ingest.records import Batch, Fetched, Request, Response, Source
from ingest.sources import KINDS, kind
from ingest.sources.answers import body_hash

NOW = "2026-11-21T09:00:00Z"
FEED = "https://blog.example/feed/"
HOME = "https://blog.example/"


def feed(entries: int = 2) -> bytes:
    """An RSS feed with so many posts."""
    items = "".join(
        f"<item><title>Post {n}</title><link>{HOME}{n}/</link><guid>{HOME}?p={n}</guid>"
        f"<description>Words of post {n}.</description></item>"
        for n in range(entries)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>B</title>{items}</channel></rss>'.encode()


def source(name: str = "feed", **changed: Any) -> Source:
    """A source that was read before."""
    made = Source(name, FEED, 1, HOME, FEED, now=NOW, cursor={"read_at": NOW, "seen": [], "history": "done"})
    return replace(made, **changed)


class Site:
    """Answers every request with one answer, and writes the log as the client does."""

    def __init__(
        self, body: bytes = b"", status: int = 200, *, moved: Callable[[str], str] | None = None, **headers: str
    ):
        self.body, self.status, self.moved = body, status, moved
        self.headers = {"content-type": "application/xml", **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.log: list[Fetched] = []
        self.asked: list[Request] = []

    def get(self, request: Request) -> Response:
        """The answer."""
        self.asked.append(request)
        self.log.append(Fetched(NOW, request.url, self.status, len(self.body), 1, "ok"))
        there = self.moved(request.url) if self.moved else None
        return Response(
            request, there or request.url, self.status, self.headers, io.BytesIO(self.body), moved_to=there
        )  # fmt: skip

    def harvest(self, of: Source) -> list[Batch]:
        """Everything that comes of it."""
        return list(sync.harvest(of, self.get, self.log))


def wordpress_state(feed_at: str | None = None) -> dict[str, Any]:
    """The cursor of a WordPress that was pulled before."""
    root = HOME + "?rest_route=/"
    return {
        "v": 1, "root": root, "endpoint": root, "feed": feed_at,
        "types": {"post": {"route": "/wp/v2/posts", "fields": ["id"], "total": 2}},
        "times": dict.fromkeys(("backfilled", "manifest", "full", "feed"), NOW),
    }  # fmt: skip


def known(body: bytes, etag: str | None = None) -> Mapping[str, tuple[str | None, str | None, str | None]]:
    """What is remembered of a body."""
    return {FEED: (etag, None, body_hash(Response(Request(FEED), FEED, 200, {}, io.BytesIO(body))))}


def outcomes(batches: list[Batch]) -> list[str]:
    """How the requests ended, by the log."""
    return [row.outcome for batch in batches for row in batch.fetches]


@pytest.mark.parametrize("validators", [{}, {"etag": '"new"'}])
def test_200_but_the_same_is_a_304_to_the_kind(validators: dict[str, str]) -> None:
    """The body is known by its hash before anything is parsed, with and without validators of the server's."""
    body = feed()
    batches = Site(body, **validators).harvest(source(validators=known(body, '"old"' if validators else None)))
    assert outcomes(batches) == ["same"]
    assert [batch.posts for batch in batches] == [()]


def test_another_body_is_read() -> None:
    """A hash that differs is news, and is remembered."""
    batches = Site(feed(3), etag='"2"').harvest(source(validators=known(feed(2), '"1"')))
    assert outcomes(batches) == ["ok"]
    assert sum(len(batch.posts) for batch in batches) == 3
    assert batches[-1].validators == known(feed(3), '"2"')


def test_a_validator_that_moved_is_news_to_wordpress() -> None:
    """The sentinel's feed is the same to the byte when a page was edited: its Last-Modified alone tells."""
    body, state = feed(), wordpress_state(FEED)
    of = source("wordpress", endpoint=state["root"], cursor=state, validators=known(body, '"1"'))
    changed = Site(body, etag='"2"').harvest(of)
    assert outcomes(changed)[0] == "ok"
    assert changed[0].validators == known(body, '"2"')
    assert Site(body, etag='"1"').harvest(of)[0].validators == {}


def test_what_is_not_believed_any_more_is_asked_unconditionally() -> None:
    """The validators of a day ago are not sent, whatever the kind thinks of them; younger ones are."""
    for unbelieved, sent in (((), '"1"'), ((FEED,), None)):
        site = Site(feed(), etag='"1"')
        list(sync.harvest(source(validators=known(feed(), '"1"')), site.get, site.log, unbelieved=unbelieved))
        assert site.asked[0].etag == sent


def test_what_was_asked_unconditionally_is_read_whole() -> None:
    """Once a day no validators are sent to a server that has some: the log says `same`, the kind looks all the same."""
    body = feed()
    site = Site(body, etag='"1"')
    batches = list(sync.harvest(source(validators=known(body, '"1"')), site.get, site.log, unbelieved=(FEED,)))
    assert outcomes(batches) == ["same"]
    assert sum(len(batch.posts) for batch in batches) == 2


def test_full_reads_everything_anew() -> None:
    """`--full` is every body anew."""
    body = feed()
    batches = Site(body).harvest(source(validators=known(body), full=True))
    assert sum(len(batch.posts) for batch in batches) == 2


def test_validators_come_with_the_last_page() -> None:
    """A run that is killed between two pages of a long feed reads it again, instead of being told 304."""
    batches = Site(feed(250), etag='"1"').harvest(source())
    assert len(batches) == 3
    assert [bool(batch.validators) for batch in batches] == [False, False, True]


def test_a_feed_that_was_cut_is_not_remembered() -> None:
    """Half a body must not be recognised as already seen."""
    batches = Site(feed(5)[:-60]).harvest(source())
    assert batches[-1].trouble == "truncated"
    assert not any(batch.validators for batch in batches)


CHALLENGE = b"<!DOCTYPE html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
LOGIN = (
    b'<!DOCTYPE html><title>Log In</title><body class="login no-js"><form id="loginform"><input type="password"></form>'
)
PARKED = b"<!DOCTYPE html><title>blog.example is for sale</title><p>Buy this domain."
WALLS = {
    "challenge": Site(CHALLENGE, 403, content_type="text/html", cf_mitigated="challenge"),
    "login": Site(LOGIN, content_type="text/html"),
    "parked": Site(PARKED, content_type="text/html"),
}


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("name", KINDS)
def test_a_wall_is_never_content(name: str, wall: str) -> None:
    """A bot wall, a login page, a parked domain: no kind makes a post of it, and the trouble says which it is."""
    site = WALLS[wall]
    site.log, site.asked = [], []
    state = wordpress_state()
    of = (
        source(name, endpoint=state["root"], cursor=state)
        if name == "wordpress"
        else source(name, url=HOME, endpoint=None)
    )
    batches = site.harvest(of)
    assert not any(batch.posts or batch.validators or batch.gone for batch in batches)
    assert wall in {batch.trouble for batch in batches}
    assert set(outcomes(batches)) == {wall}


def test_a_web_page_is_not_remembered_as_a_feed() -> None:
    """A site that shows its home page where its feed was must not look as if nothing changed."""
    page = b"<!DOCTYPE html><title>Welcome</title><p>Our new site."
    state = wordpress_state(FEED)
    batches = Site(page, content_type="text/html").harvest(source("wordpress", endpoint=state["root"], cursor=state))
    assert not any(batch.validators for batch in batches)


def test_a_feed_that_moved_for_good() -> None:
    """The endpoint follows it, with a note; the next poll asks the new place alone."""
    batches = Site(feed(), moved=lambda _: "https://new.example/rss").harvest(source())
    assert batches[-1].moved_to == "https://new.example/rss"
    assert batches[-1].notes[-1] == f"moved for good: {FEED} -> https://new.example/rss"


def test_a_feed_that_moved_to_what_is_no_feed() -> None:
    """Only a note: the new place does not answer as the same kind."""
    page = b"<!DOCTYPE html><title>Welcome</title><p>Our new site."
    (batch,) = Site(page, moved=lambda _: "https://new.example/", content_type="text/html").harvest(source())
    assert batch.moved_to is None
    assert batch.notes == ("moved for good to https://new.example/, which does not answer as a feed",)
    assert batch.error


@pytest.mark.parametrize(
    ("root", "there"),
    [
        ("http://blog.example/wp-json/", "https://www.blog.example/wp-json/"),
        ("http://blog.example/?rest_route=/", "https://www.blog.example/?rest_route=/"),
    ],
)
def test_a_rest_root_that_moved_for_good(root: str, there: str) -> None:
    """What is common to the addresses before and after is taken off: the root is where the site is now."""
    state = {
        "v": 1, "root": root, "endpoint": root, "feed": None, "types": {"post": {"route": "/wp/v2/posts", "total": 2}},
        "times": dict.fromkeys(("backfilled", "manifest", "full", "feed"), NOW),
    }  # fmt: skip
    site = Site(
        b'[{"id": 1}]', moved=lambda url: url.replace("http://", "https://www."),
        content_type="application/json", x_wp_total="2",
    )  # fmt: skip
    batches = site.harvest(source("wordpress", endpoint=root, cursor=state))
    assert {batch.moved_to for batch in batches} == {there}


def test_no_answer_is_a_word_and_a_sentence() -> None:
    """The last batch says what happened; the kind of the error is the trouble."""

    def get(request: Request) -> Response:
        raise FetchError(request.url, "refused", "blog.example cannot be reached")

    (batch,) = sync.harvest(source(), get, [])
    assert (batch.trouble, batch.retry_after) == ("refused", None)
    assert batch.error == f"{FEED}: refused: blog.example cannot be reached"


def test_retry_after_counts_on_a_refusal_alone() -> None:
    """429 and 503 say for how long; the same header on a page is nothing to us."""
    (batch,) = Site(status=429, retry_after="120").harvest(source())
    assert (batch.trouble, batch.retry_after) == ("rate_limited", 120)
    assert Site(feed(), retry_after="120").harvest(source())[-1].retry_after is None


def test_every_kind_can_start() -> None:
    """A polled kind names its first request from nothing but its source."""
    for name in KINDS:
        assert kind(name).start(source(name, url=HOME, endpoint=None, cursor={}))


# ---- one page ahead -------------------------------------------------------------------------------------


class Pages:
    """A site of so many pages, and the order in which they are asked for, read and told."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.log: list[Fetched] = []
        self.order: list[str] = []
        #: What asking for a page of this number does.
        self.troubles: dict[int, Exception] = {}
        #: The page that cannot be read.
        self.unreadable = 0
        self.onward: tuple[Request, ...] = ()

    def number(self, request: Request) -> int:
        """Which page it asks for."""
        return int(request.context.get("page", 1))

    def get(self, request: Request) -> Response:
        """As the client."""
        number = self.number(request)
        self.order.append(f"ask {number}")
        if number in self.troubles:
            raise self.troubles[number]
        self.log.append(Fetched(NOW, f"{FEED}{number}", 200, 1, 1, "ok"))
        return Response(request, request.url, 200, {}, io.BytesIO(b"x"))

    def read(self, _: Source, answer: Response | FetchError) -> Iterator[Step]:
        """As a process that reads."""
        if isinstance(answer, FetchError):
            yield Step(Batch(error=str(answer)))
            return
        number = self.number(answer.request)
        if number < self.count:
            yield Step(None, (Request(FEED, context={"page": number + 1}),))
        if number == self.unreadable:
            raise ReadError(FEED, "read_died", "gone")
        self.order.append(f"read {number}")
        yield Step(Batch(notes=(str(number),)))

    def given(self, told: Source, answer: Response | FetchError) -> Iterator[Step]:
        """As `read`; it may be heard where it goes on."""
        found = self.read(told, answer)
        first = next(found, None)
        self.onward = first.next if first is not None and first.batch is None else ()
        return chain([first] if first is not None else [], found)

    def told(self, *, ahead: bool | Iterator[bool], more: int = 99, soon: bool = False) -> Iterator[Batch]:
        """The batches; `more` requests may be sent. `soon`: a page that is asked for ahead says where to go on."""
        left = iter([True] * more)
        for batch in sync.harvest(
            source(), self.get, self.log, more=lambda: next(left, False),
            ahead=lambda: ahead if isinstance(ahead, bool) else next(ahead),
            reading=self.given if soon else self.read, onward=lambda _: self.onward if soon else (),
        ):  # fmt: skip
            self.order.append(f"told {batch.notes[0]}" if batch.notes else "error")
            yield batch


class Branching(Pages):
    """The first page names two others, the second one more; with a batch `between` where it does, or at the end."""

    def __init__(self, *, between: bool) -> None:
        super().__init__(1)
        self.between = between

    def read(self, _: Source, answer: Response | FetchError) -> Iterator[Step]:
        """As a process that reads."""
        assert isinstance(answer, Response)
        number = self.number(answer.request)
        for following in {1: (2, 3), 2: (4,)}.get(number, ()):
            yield Step(None, (Request(FEED, context={"page": following}),))
            if self.between:
                yield Step(Batch(notes=(f"{number} before {following}",)))
        yield Step(Batch(notes=(str(number),)))


def requests_of(batches: Iterable[Batch]) -> list[list[str]]:
    """The addresses in each batch's log."""
    return [[row.url.removeprefix(FEED) for row in batch.fetches] for batch in batches]


def test_a_page_is_asked_for_while_the_one_before_it_is_read() -> None:
    """Where that is allowed; told are they in their order all the same, each with its own requests."""
    pages = Pages(3)
    assert requests_of(pages.told(ahead=True)) == [["1"], ["2"], ["3"]]
    assert pages.order == [
        "ask 1", "ask 2", "read 1", "told 1", "ask 3", "read 2", "told 2", "read 3", "told 3"
    ]  # fmt: skip
    pages = Pages(2)
    assert requests_of(pages.told(ahead=False)) == [["1"], ["2"]]
    assert pages.order == ["ask 1", "read 1", "told 1", "ask 2", "read 2", "told 2"]


def test_of_several_that_are_named_one_is_asked_for_ahead() -> None:
    """The others wait for their turn, and none is lost."""
    pages = Branching(between=True)
    told = list(pages.told(ahead=True))
    assert [batch.notes[0] for batch in told] == [
        "1 before 2", "1 before 3", "1", "2 before 4", "2", "3", "4"
    ]  # fmt: skip
    assert [one for one in pages.order if one.startswith("ask")] == ["ask 1", "ask 2", "ask 3", "ask 4"]
    assert requests_of(told) == [["1"], [], [], ["2"], [], ["3"], ["4"]]


def test_no_page_is_asked_for_ahead_where_an_answer_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was answered is stored before the next wait begins."""
    monkeypatch.setattr(sync, "_QUICK", 0.0)
    pages = Pages(2)
    list(pages.told(ahead=True))
    assert pages.order[:4] == ["ask 1", "read 1", "told 1", "ask 2"]


def test_a_page_that_was_asked_for_ahead_in_vain_takes_nothing_along() -> None:
    """The one before it stands, whatever the trouble: no answer, a run that ends, a bug."""
    pages = Pages(3)
    pages.troubles[2] = FetchError(FEED, "dns", "no such host")
    (first, second) = pages.told(ahead=True)
    assert (first.notes, first.error, second.error) == (("1",), None, f"{FEED}: dns: no such host")
    for raised in (Stopped("the run ends"), ZeroDivisionError()):
        pages = Pages(3)
        pages.troubles[2] = raised
        told = pages.told(ahead=True)
        assert next(told).notes == ("1",)
        with pytest.raises(type(raised)):
            next(told)
    pages = Pages(3)
    assert requests_of(pages.told(ahead=True, more=1)) == [["1"]]


def test_a_page_that_cannot_be_read_ends_its_source() -> None:
    """What was asked for ahead is not told; its request is still in the log, for whoever closes the run."""
    pages = Pages(3)
    pages.unreadable = 1
    (only,) = pages.told(ahead=True)
    assert only.error is not None
    assert [row.url for row in only.fetches] == [f"{FEED}1"]
    assert [row.url for row in pages.log] == [f"{FEED}2"]


def test_two_pages_are_asked_for_ahead_where_the_first_soon_says_where_to_go_on() -> None:
    """Told are they in their order, each once and with its own request."""
    pages = Pages(5)
    assert requests_of(pages.told(ahead=True, soon=True)) == [["1"], ["2"], ["3"], ["4"], ["5"]]
    assert pages.order == [
        "ask 1", "ask 2", "ask 3", "read 1", "told 1", "ask 4", "read 2", "told 2", "ask 5", "read 5", "read 3",
        "told 3", "read 4", "told 4", "told 5",
    ]  # fmt: skip


def test_a_page_that_was_asked_for_early_is_not_asked_for_again() -> None:
    """Also where nothing may be asked for ahead by the time its turn comes."""
    pages = Pages(3)
    told = pages.told(ahead=chain([True, True], repeat(False)), soon=True)
    assert requests_of(told) == [["1"], ["2"], ["3"]]
    assert [one for one in pages.order if one.startswith("ask")] == ["ask 1", "ask 2", "ask 3"]


def test_trouble_of_a_page_that_was_asked_for_early() -> None:
    """Is told in its turn: those before it stand."""
    pages = Pages(4)
    pages.troubles[3] = FetchError(FEED, "dns", "no such host")
    first, second, third = pages.told(ahead=True, soon=True)
    assert [first.notes, second.notes, third.error] == [("1",), ("2",), f"{FEED}: dns: no such host"]
    pages = Pages(4)
    pages.troubles[3] = ZeroDivisionError()
    told = pages.told(ahead=True, soon=True)
    assert [next(told).notes, next(told).notes] == [("1",), ("2",)]
    with pytest.raises(ZeroDivisionError):
        next(told)


def test_requests_keep_their_order_where_one_is_sent_early() -> None:
    """An answer that names a second page when the first one was asked for: that one comes before what the first names."""
    pages = Branching(between=False)
    assert requests_of(told := list(pages.told(ahead=True, soon=True))) == [["1"], ["2"], ["3"], ["4"]]
    assert [batch.notes[0] for batch in told] == ["1", "2", "3", "4"]
    assert [one for one in pages.order if one.startswith("ask")] == ["ask 1", "ask 2", "ask 4", "ask 3"]


def test_a_run_that_ends_takes_what_was_asked_early_into_its_log() -> None:
    """Nothing is told of it; that it was asked is."""
    pages = Pages(9)
    batches = list(pages.told(ahead=True, soon=True, more=3))
    assert [batch.notes for batch in batches] == [("1",), ("2",), ("3",)]
    pages = Pages(3)
    pages.unreadable = 1
    (only,) = pages.told(ahead=True, soon=True)
    assert only.error is not None
    assert [row.url for row in only.fetches] == [f"{FEED}1"]
    assert [row.url for row in pages.log] == [f"{FEED}2", f"{FEED}3"]
