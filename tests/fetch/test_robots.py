"""robots.txt: asked first, remembered for a day, and obeyed (RFC 9309)."""

import gzip
import threading
from collections.abc import Callable
from typing import Any

import pytest
from protego import Protego

from ingest.errors import FetchError
from ingest.fetch import Fetcher, Policy, RobotsCache, RobotsText, allowed, robots
from ingest.fetch.robots import LIMIT, Rules
from ingest.records import Fetched, Request

from .conftest import location
from .hostile import Conversation, Script, Server

FORBID = b"User-agent: *\nDisallow: /private/\n"
HOUR, DAY = 3600.0, 86_400.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The client's clock."""
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Callable[..., Fetcher]:
    """Makes clients for whom every name is this machine."""

    def make(*, cache: RobotsCache | None = None, log: Any = lambda _: None, **policy: Any) -> Fetcher:
        settings = {"delay": 0, "allow_private": ("127.0.0.0/8",), "deadline": 5} | policy
        return Fetcher(Policy(**settings), robots=cache, clock=clock, log=log, resolver=lambda *_: ["127.0.0.1"])

    return make


def serves(robots: Script) -> dict[str, Script]:
    """A site with that robots.txt."""
    return {"/robots.txt": robots, "": lambda c: c.answer(b"content")}


def says(body: bytes, status: str = "200 OK", **headers: str) -> Script:
    """A robots.txt."""
    return lambda c: c.answer(body, status, **headers)


def error(fetcher: Fetcher, url: str) -> FetchError:
    """What fetching `url` fails with."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(Request(url))
    return caught.value


def test_it_is_asked_first_and_obeyed(client: Callable[..., Fetcher]) -> None:
    """What is forbidden is not asked for; what is not is; and the file is asked for once."""
    rows: list[Fetched] = []
    with Server(serves(says(FORBID))) as server, client(log=rows.append) as fetcher:
        assert fetcher.get(Request(server.url("/public"))).body == b"content"
        forbidden = error(fetcher, server.url("/private/x"))
        assert (forbidden.kind, forbidden.transient) == ("robots", False)
        assert server.paths == ["/robots.txt", "/public"]
    assert [row.url.rsplit("/", 1)[1] for row in rows] == ["robots.txt", "public"]


def test_the_operator_may_ignore_it(client: Callable[..., Fetcher]) -> None:
    """With `ignore` it is not even read."""
    with Server(serves(says(FORBID))) as server, client(robots="ignore") as fetcher:
        assert fetcher.get(Request(server.url("/private/x"))).status == 200
        assert server.paths == ["/private/x"]


@pytest.mark.parametrize("status", ["400 X", "401 X", "403 X", "404 X", "410 X", "451 X", "204 No Content"])
def test_no_robots_txt_forbids_nothing(client: Callable[..., Fetcher], status: str) -> None:
    """A client error means that there are no rules, whatever the page of the error says."""
    body = b"" if status.startswith("204") else b"User-agent: *\nDisallow: /\n"
    with Server(serves(says(body, status))) as server, client() as fetcher:
        assert fetcher.get(Request(server.url("/x"))).status == 200


def test_a_server_error_forbids_everything_for_a_while(client: Callable[..., Fetcher], clock: Clock) -> None:
    """While robots.txt answers 5xx nothing is fetched; it is asked again after ten minutes, not with every request."""
    with Server(serves(says(b"", "503 Busy"))) as server, client() as fetcher:
        for _ in range(3):
            assert (error(fetcher, server.url("/x")).kind, error(fetcher, server.url("/y")).transient) == (
                "robots",
                True,
            )
        assert server.paths == ["/robots.txt"]
        server.scripts = serves(says(FORBID))
        clock.now += 601
        assert fetcher.get(Request(server.url("/x"))).status == 200


def test_an_older_copy_bridges_a_server_error(client: Callable[..., Fetcher], clock: Clock) -> None:
    """A copy that is held is used on while the host cannot say anything newer."""
    with Server(serves(says(FORBID))) as server, client() as fetcher:
        fetcher.get(Request(server.url("/x")))
        server.scripts = serves(says(b"", "500 X"))
        clock.now += DAY + 1
        assert fetcher.get(Request(server.url("/x"))).status == 200
        assert error(fetcher, server.url("/private/x")).kind == "robots"
        assert server.paths.count("/robots.txt") == 2


def test_it_is_remembered_for_a_day_and_between_runs(client: Callable[..., Fetcher], clock: Clock) -> None:
    """A later run that is handed what an earlier one read asks again only after a day."""
    with Server(serves(says(FORBID))) as server:
        cache = RobotsCache()
        with client(cache=cache) as fetcher:
            fetcher.get(Request(server.url("/x")))
        assert cache.texts() == {server.url("", "127.0.0.1"): RobotsText(FORBID.decode(), clock.now)}
        clock.now += DAY - 1
        with client(cache=RobotsCache(cache.texts())) as fetcher:
            assert error(fetcher, server.url("/private/x")).kind == "robots"
            assert server.paths == ["/robots.txt", "/x"]
            clock.now += 2
            fetcher.get(Request(server.url("/x")))
            assert server.paths == ["/robots.txt", "/x", "/robots.txt", "/x"]
            clock.now -= 99 * DAY
            fetcher.get(Request(server.url("/x")))
            assert server.paths.count("/robots.txt") == 3


def test_every_origin_has_its_own(client: Callable[..., Fetcher]) -> None:
    """A redirect to another host asks that host's robots.txt."""
    with Server(serves(says(FORBID))) as two:
        scripts = serves(says(b"")) | {"/away": location(two.url("/private/x"))}
        with Server(scripts) as one, client() as fetcher:
            assert error(fetcher, one.url("/away")).kind == "robots"
            assert one.paths == ["/robots.txt", "/away"]
        assert two.paths == ["/robots.txt"]


def test_a_redirect_within_the_host_is_checked(client: Callable[..., Fetcher]) -> None:
    """What may not be asked for may not be reached by a redirect either."""
    with Server(serves(says(FORBID)) | {"/r": location("/private/x")}) as server, client() as fetcher:
        assert error(fetcher, server.url("/r")).kind == "robots"
        assert server.paths == ["/robots.txt", "/r"]


def test_a_moved_robots_txt_is_followed(client: Callable[..., Fetcher]) -> None:
    """Up to five redirects lead to it; beyond, there is none."""
    scripts = serves(location("/there.txt")) | {"/there.txt": says(FORBID)}
    with Server(scripts) as server, client() as fetcher:
        assert error(fetcher, server.url("/private/x")).kind == "robots"
    with Server(serves(location("/robots.txt"))) as server, client() as fetcher:
        assert fetcher.get(Request(server.url("/private/x"))).status == 200
        assert server.paths == ["/robots.txt"] * 6 + ["/private/x"]


def test_a_host_without_an_answer_fails_with_its_own_error(client: Callable[..., Fetcher]) -> None:
    """When robots.txt cannot be had at all, the error says what is wrong with the host."""
    with Server({"": lambda c: c.send(b"SSH-2.0-x\r\n")}) as server, client() as fetcher:
        assert error(fetcher, server.url("/x")).kind == "bad_http"
        assert server.paths == ["/robots.txt"]


@pytest.mark.parametrize("encoded", [False, True])
def test_only_the_first_500_kib_are_read(client: Callable[..., Fetcher], encoded: bool) -> None:
    """A robots.txt without end is read as far as the standard asks, and obeyed so far."""
    within = FORBID + b"# long\n" * 73_000 + b"Disallow: /just/\n"
    text = within + b"# long\n" * 100_000 + b"Disallow: /late/\n"
    assert 499 * 1024 < len(within) < 500 * 1024
    body = gzip.compress(text) if encoded else text
    headers = {"content_encoding": "gzip"} if encoded else {}
    with Server(serves(says(body, **headers))) as server, client() as fetcher:
        assert error(fetcher, server.url("/private/x")).kind == "robots"
        assert error(fetcher, server.url("/just/x")).kind == "robots"
        assert fetcher.get(Request(server.url("/late/x"))).status == 200


def test_an_endless_robots_txt_ends(client: Callable[..., Fetcher]) -> None:
    """It neither hangs nor fails the request."""

    def endless(c: Conversation) -> None:
        c.send(b"HTTP/1.1 200 OK\r\n\r\n" + FORBID)
        c.flood(b"# and so on\n" * 1000)

    with Server(serves(endless)) as server, client() as fetcher:
        assert fetcher.get(Request(server.url("/x"))).status == 200
        assert error(fetcher, server.url("/private/x")).kind == "robots"


@pytest.mark.parametrize(
    ("wish", "cap", "pause"), [("0.3", 60, 0.3), ("3600", 0.2, 0.2), ("0", 60, 0.1), ("soon", 60, 0.1)]
)
def test_crawl_delay_is_honoured(client: Callable[..., Fetcher], wish: str, cap: float, pause: float) -> None:
    """What the host asks for, up to a limit, and never less than our own pause."""
    robots = f"User-agent: *\nCrawl-delay: {wish}\n".encode()
    with Server(serves(says(robots))) as server, client(delay=0.1, longest_crawl_delay=cap) as fetcher:
        for _ in range(2):
            fetcher.get(Request(server.url("/x")))
        _, first, second = server.asked
        assert pause <= second.at - first.at < pause + 5


def test_our_own_group_goes_first(client: Callable[..., Fetcher]) -> None:
    """A group that names us is ours, the rest is for others."""
    robots = b"User-agent: *\nDisallow: /\n\nUser-agent: BlogCorpus\nDisallow: /not-us/\n"
    with Server(serves(says(robots))) as server, client() as fetcher:
        assert fetcher.get(Request(server.url("/x"))).status == 200
        assert error(fetcher, server.url("/not-us/x")).kind == "robots"


@pytest.mark.parametrize(
    ("robots", "path", "verdict"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /*?s=", "/?s=x", False),
        ("User-agent: *\nDisallow: /*.json$", "/a.json", False),
        ("User-agent: *\nDisallow: /*.json$", "/a.json?x", True),
        ("User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php", "/wp-admin/admin-ajax.php", True),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", False),
        ("<html><body>Disallow: /</body></html>", "/x", True),
    ],
)
def test_allowed(robots: str, path: str, verdict: bool) -> None:
    """The longest rule wins, wildcards count, a page that is no robots.txt forbids nothing."""
    assert allowed(robots, f"https://a.example{path}", "blogcorpus") is verdict


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_host_that_asks_to_be_left_alone_at_its_robots_txt_is(client: Callable[..., Fetcher], status: str) -> None:
    """Its answer to robots.txt is its answer to everything: nothing more is sent, and Retry-After comes through."""
    with Server(serves(says(b"later", status, retry_after="3600"))) as server, client() as fetcher:
        answer = fetcher.get(Request(server.url("/public")))
        assert answer.status == int(status[:3])
        assert answer.headers["retry-after"] == "3600"
        assert answer.request.url == server.url("/public")
        assert server.paths == ["/robots.txt"]


def test_blank_lines_say_nothing_and_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands between them is read as without them; 500 KiB of nothing else are no work."""
    rules = "User-agent: *\n{0}Disallow: /a{0}\n  {0}Allow: /a/b\n{0}# a word\n{0}Crawl-delay: 3"
    for blank in ("\n" * 3000, "\n \t" * 3000, "\r\n" * 3000):
        found = Rules(RobotsText(rules.format(blank), 0))
        assert [found.allow(f"https://blog.example{path}") for path in ("/", "/a", "/a/b")] == [True, False, True]
        assert found.crawl_delay == 3
    given: list[str] = []
    parse = Protego.parse

    def parses(text: str) -> Protego:
        given.append(text)
        return parse(text)

    monkeypatch.setattr(robots.Protego, "parse", parses)
    assert Rules(RobotsText("\n" * LIMIT, 0)).allow("https://blog.example/")
    assert given == ["\n"]


def test_nobody_waits_while_another_s_rules_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long robots.txt takes a tenth of a second to read: others have theirs meanwhile."""
    cache = RobotsCache({origin: RobotsText(f"Disallow: /{origin}", 0) for origin in ("a", "b")})
    read = robots.Rules

    def reads(text: RobotsText) -> Rules:
        if "/a" in (text.text or ""):
            assert cache.get("b", 1) is not None
            assert cache.texts()
        return read(text)

    monkeypatch.setattr(robots, "Rules", reads)
    found: list[Rules | None] = []
    one = threading.Thread(target=lambda: found.append(cache.get("a", 1)), daemon=True)
    one.start()
    one.join(30)
    assert [rules is not None for rules in found] == [True]
