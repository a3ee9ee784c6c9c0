"""One request from its first address to its last byte: redirects, headers, secrets, retries, the log."""

import pickle
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from ingest import __version__
from ingest.errors import ConfigError, FetchError
from ingest.fetch import Fetcher, Policy
from ingest.records import Fetched, Request

from .certificates import Authority
from .conftest import ORDINARY, location
from .hostile import Conversation, Script, Server

POLICY: dict[str, Any] = {"robots": "ignore", "delay": 0, "allow_private": ("127.0.0.0/8",), "deadline": 10}


@pytest.fixture
def rows() -> list[Fetched]:
    """What was logged."""
    return []


@pytest.fixture
def fetcher(rows: list[Fetched]) -> Iterator[Fetcher]:
    """A client that may go to this machine and does not wait."""
    with Fetcher(Policy(**POLICY), log=rows.append, resolver=lambda *_: ["127.0.0.1"]) as it:
        yield it


def outcomes(rows: list[Fetched]) -> list[tuple[int | None, str]]:
    """Status and outcome of each row."""
    return [(row.status, row.outcome) for row in rows]


def test_an_answer(server: Server, fetcher: Fetcher, rows: list[Fetched]) -> None:
    """An answer is its status, its headers in lower case, its body; and a row in the log."""
    request = Request(server.url("/plain"), "index")
    answer = fetcher.get(request)
    assert (answer.status, answer.body, answer.url) == (200, b"plain", server.url("/plain"))
    assert answer.request is request
    assert answer.headers["etag"] == 'W/"v1"'
    assert (answer.content_type, answer.charset) == ("text/plain", "utf-8")
    assert answer.moved_to is None
    assert answer.size > len(answer.body)
    [row] = rows
    assert (row.url, row.status, row.outcome) == (server.url("/plain"), 200, "ok")
    assert (row.etag, row.last_modified, row.bytes) == ('W/"v1"', "then", answer.size)
    assert row.at.endswith("Z")
    assert pickle.loads(pickle.dumps(answer)).body == b"plain"  # noqa: S301


@pytest.mark.parametrize("path", ["/301", "/302", "/303", "/307", "/308"])
def test_a_redirect_is_followed_by_hand(server: Server, fetcher: Fetcher, rows: list[Fetched], path: str) -> None:
    """Every hop is a request of its own, and a row of the log."""
    answer = fetcher.get(Request(server.url(path)))
    assert (answer.status, answer.url) == (200, server.url("/plain"))
    assert server.paths[0] == path
    assert [row.outcome for row in rows] == ["redirect"] * (len(rows) - 1) + ["ok"]
    assert len(rows) == len(server.paths)


@pytest.mark.parametrize(
    ("path", "moved"), [("/301", True), ("/308", True), ("/302", False), ("/301-then-302", False), ("/plain", False)]
)
def test_only_permanent_redirects_move_a_source(server: Server, fetcher: Fetcher, path: str, moved: bool) -> None:
    """A chain of 301 and 308 alone says that the source has moved."""
    answer = fetcher.get(Request(server.url(path)))
    assert answer.moved_to == (server.url("/plain") if moved else None)


@pytest.mark.parametrize(("hops", "arrives"), [(5, True), (6, False)])
def test_five_redirects_are_followed(fetcher: Fetcher, hops: int, arrives: bool) -> None:
    """Five redirects are followed, a sixth is not."""
    scripts = {f"/{n}": location(f"/{n + 1}") for n in range(hops)} | {f"/{hops}": ORDINARY["/plain"]}
    with Server(scripts) as server:
        if arrives:
            assert fetcher.get(Request(server.url("/0"))).status == 200
        else:
            with pytest.raises(FetchError) as caught:
                fetcher.get(Request(server.url("/0")))
            assert caught.value.kind == "redirects"
        assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("where", "path"),
    [
        (b"//HOST/plain", "/plain"), (b"plain", "/plain"), ("?q=\u00fc".encode(), "/start?q=%C3%BC"),
        (b" /a b ", "/a%20b"), (b"/caf\xe9?x=%20", "/caf%E9?x=%20"),
    ],
)  # fmt: skip
def test_a_location_is_read_as_browsers_do(fetcher: Fetcher, where: bytes, path: str) -> None:
    """Relative to the address that sent it, white space trimmed, bare UTF-8 taken as such, other bytes as they are."""

    def redirect(c: Conversation) -> None:
        there = where.replace(b"HOST", c.asked.host.encode())
        c.send(b"HTTP/1.1 302 Found\r\nLocation: " + there + b"\r\n\r\n")

    with Server({"/start": redirect}) as server:
        fetcher.get(Request(server.url("/start")))
        assert server.paths == ["/start", path]


def test_the_deadline_holds_over_redirects(fetcher: Fetcher) -> None:
    """Redirects do not buy time."""

    def slow(c: Conversation) -> None:
        c.stopping.wait(0.4)
        c.answer(status="302 Found", location="/")

    with Server({"": slow}) as server:
        began = time.monotonic()
        with pytest.raises(FetchError) as caught:
            fetcher.get(Request(server.url("/"), deadline=1.0))
        assert caught.value.kind == "too_slow"
        assert time.monotonic() - began < 1.5


def test_the_request_names_who_asks(server: Server) -> None:
    """The User-Agent is honest: name, version, project and contact; the rest is what a plain client sends."""
    with Fetcher(Policy(contact="me@a.example", **POLICY)) as fetcher:
        fetcher.get(Request(server.url("/plain")))
    sent = server.asked[0].headers
    assert sent["user-agent"] == f"blogcorpus/{__version__} (+https://github.com/blogcorpus/blogcorpus; me@a.example)"
    assert sent["accept-encoding"] == "gzip, deflate"
    assert set(sent) == {"host", "user-agent", "accept-encoding", "accept"}


@pytest.mark.parametrize("contact", ["a\r\nX: y", "münchen@a.example", "a\0"])
def test_a_contact_that_fits_no_header_is_refused(contact: str) -> None:
    """The contact cannot smuggle anything into the request."""
    with pytest.raises(ConfigError):
        Policy(contact=contact)


def test_validators_make_the_request_conditional(server: Server, fetcher: Fetcher) -> None:
    """Both validators are sent back; a weak one without its W/, which WordPress would not recognise."""
    fetcher.get(Request(server.url("/plain"), etag='W/"v1"', last_modified="then"))
    fetcher.get(Request(server.url("/plain"), etag='"v2"'))
    fetcher.get(Request(server.url("/plain")))
    sent = [(asked.headers.get("if-none-match"), asked.headers.get("if-modified-since")) for asked in server.asked]
    assert sent == [('"v1"', "then"), ('"v2"', None), (None, None)]


@pytest.mark.parametrize("etag", ['"a\r\nX: y"', '"\u4e2d"', '"\0"'])
def test_a_validator_that_fits_no_header_is_not_sent(server: Server, fetcher: Fetcher, etag: str) -> None:
    """What a damaged corpus holds is no reason to fail, let alone to send it."""
    fetcher.get(Request(server.url("/plain"), etag=etag))
    assert "if-none-match" not in server.asked[0].headers


def test_unchanged(fetcher: Fetcher, rows: list[Fetched]) -> None:
    """304 is an answer, and leaves the connection usable even when it wrongly has a body."""
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"

    def unchanged(c: Conversation) -> None:
        c.answer(body, "304 Not Modified")

    with Server({"/304": unchanged, "/plain": ORDINARY["/plain"]}) as server:
        assert fetcher.get(Request(server.url("/304"), etag='"v1"')).status == 304
        assert fetcher.get(Request(server.url("/plain"))).body == b"plain"
    assert outcomes(rows) == [(304, "unchanged"), (200, "ok")]


def test_a_switch_of_protocols_ends_the_connection(fetcher: Fetcher) -> None:
    """After a 101 that nobody asked for, the next request goes over a new connection."""

    def switch(c: Conversation) -> None:
        c.answer(b"", "101 Switching Protocols")
        c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")

    with Server({"/101": switch, "/plain": ORDINARY["/plain"]}) as server:
        assert fetcher.get(Request(server.url("/101"))).status == 101
        assert fetcher.get(Request(server.url("/plain"))).body == b"plain"
        assert [asked.connection for asked in server.asked] == [0, 1]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, "auth"),
        (403, "auth"),
        (404, "not_found"),
        (410, "gone"),
        (418, "status"),
        (429, "rate_limited"),
        (503, "server_error"),
    ],
)
def test_every_status_is_an_answer(fetcher: Fetcher, rows: list[Fetched], status: int, outcome: str) -> None:
    """Only the lack of an answer is an error."""
    with Server({"": lambda c: c.answer(b"why", f"{status} X", retry_after="7")}) as server:
        answer = fetcher.get(Request(server.url("/")))
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (status, b"why", "7")
    assert outcomes(rows) == [(status, outcome)]


def test_the_limits_of_a_request_go_before_those_of_the_policy(server: Server, fetcher: Fetcher) -> None:
    """A request may have its own size and time."""
    assert fetcher.get(Request(server.url("/plain"), max_bytes=5)).body == b"plain"
    with pytest.raises(FetchError) as caught:
        fetcher.get(Request(server.url("/plain"), max_bytes=4))
    assert caught.value.kind == "too_big"
    with pytest.raises(FetchError) as caught:
        fetcher.get(Request(server.url("/plain"), deadline=0))
    assert caught.value.kind == "too_slow"


def test_an_error_is_logged_with_the_status_that_came(fetcher: Fetcher, rows: list[Fetched]) -> None:
    """A body that breaks off leaves a row with its status; a host that refuses one without."""
    script: Script = lambda c: c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")  # noqa: E731
    with Server({"": script}) as server, pytest.raises(FetchError) as caught:
        fetcher.get(Request(server.url("/cut?token=secret")))
    assert caught.value.kind == "truncated"
    with pytest.raises(FetchError) as caught:
        fetcher.get(Request(server.url("/cut")))
    assert caught.value.kind == "refused"
    assert outcomes(rows) == [(200, "truncated"), (None, "refused")]
    assert rows[0].url.endswith("/cut?token=***")


def test_connections_are_kept(server: Server, fetcher: Fetcher) -> None:
    """Requests to a host share a connection."""
    for _ in range(3):
        fetcher.get(Request(server.url("/plain")))
    assert {asked.connection for asked in server.asked} == {0}


@pytest.mark.parametrize(("body", "connections"), [(b"", [0, 0]), (b"moved", [0, 1])])
def test_a_redirect_without_a_body_keeps_its_connection(fetcher: Fetcher, body: bytes, connections: list[int]) -> None:
    """What is not read takes its connection with it; where there is nothing to read, that can serve again."""
    redirect: Script = lambda c: c.answer(body, status="302 Found", location="/plain")  # noqa: E731
    with Server({"/r": redirect, "/plain": ORDINARY["/plain"]}) as server:
        assert fetcher.get(Request(server.url("/r"))).body == b"plain"
        assert [asked.connection for asked in server.asked] == connections


def test_connections_are_kept_to_so_many_places(server: Server, fetcher: Fetcher) -> None:
    """Beyond 32 the one longest unused is closed: it is opened anew when it is needed."""
    for n in [*range(33), 32, 1, 0]:
        fetcher.get(Request(server.url("/plain", f"h{n}.example")))
    assert [asked.connection for asked in server.asked] == [*range(33), 32, 1, 33]


@pytest.mark.parametrize("name", ["X-A: b\r\nX-C", "X A", "", "X\nY"])
def test_nothing_is_sent_that_is_more_than_one_request(server: Server, fetcher: Fetcher, name: str) -> None:
    """A header that would end the line it stands in is a bug of whoever made it, and goes nowhere."""
    for headers in ({name: "x"}, {"X": f"x\r\n{name}"}):
        with pytest.raises(ValueError, match="does not fit"):
            fetcher.get(Request(server.url("/plain"), headers=headers))
    assert server.asked == []


def test_the_keep_alive_race_is_retried_once(fetcher: Fetcher, rows: list[Fetched]) -> None:
    """A kept connection that the server closes just as we ask is no failure: the request goes out anew, at once."""
    answers: Iterator[Script] = iter([lambda c: c.answer(b"1"), lambda _: None, lambda c: c.answer(b"2")])

    def script(c: Conversation) -> None:
        next(answers)(c)

    with Server({"": script}) as server:
        assert fetcher.get(Request(server.url("/"))).body == b"1"
        assert fetcher.get(Request(server.url("/"))).body == b"2"
        assert [asked.connection for asked in server.asked] == [0, 0, 1]
    assert outcomes(rows) == [(200, "ok"), (None, "truncated"), (200, "ok")]


@pytest.mark.parametrize("script", [lambda _: None, lambda c: c.reset()])
def test_a_connection_that_always_dies_is_tried_twice(fetcher: Fetcher, script: Script) -> None:
    """One retry, not more."""
    with Server({"": script}) as server:
        with pytest.raises(FetchError) as caught:
            fetcher.get(Request(server.url("/")))
        assert len(server.asked) == 2
    assert (caught.value.kind, caught.value.transient) == ("truncated", True)


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_nothing_is_retried_after_the_first_byte(fetcher: Fetcher, sent: bytes) -> None:
    """Once the server has begun to answer, no second request follows."""
    with Server({"": lambda c: c.send(sent)}) as server:
        with pytest.raises(FetchError):
            fetcher.get(Request(server.url("/")))
        assert len(server.asked) == 1


def test_a_server_error_is_not_retried(fetcher: Fetcher) -> None:
    """When to come back to a troubled host is the scheduler's to say."""
    with Server({"": lambda c: c.answer(b"busy", "503 Busy", retry_after="1")}) as server:
        assert fetcher.get(Request(server.url("/"))).status == 503
        assert len(server.asked) == 1


def test_nothing_comes_from_the_environment(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Proxies and ~/.netrc are ignored, cookies are not kept, user info in an address is not sent."""
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="ascii")
    monkeypatch.setenv("HOME", str(home))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    scripts = {"/cookie": lambda c: c.answer(b"x", set_cookie="session=1; Path=/")}
    with Server(scripts) as other:
        answer = fetcher.get(Request(other.url("/cookie")))
        fetcher.get(Request(other.url("/cookie").replace("//", "//me:secret@")))
        assert "set-cookie" not in answer.headers
        for asked in other.asked:
            assert not {"cookie", "authorization", "proxy-authorization"} & set(asked.headers)


class Origins:
    """Two origins over TLS, whose requests are kept."""

    def __init__(self, one: Server, two: Server, policy: Mapping[str, Any]) -> None:
        self.one, self.two, self.policy = one, two, policy


@pytest.fixture
def origins(tls: ssl.SSLContext, authority: Authority) -> Iterator[Origins]:
    """`one.example` redirects `/away` to `two.example`, `/down` to plain http, and `/home` to itself."""
    with ExitStack() as stack:
        plain = stack.enter_context(Server({"/": lambda c: c.answer(b"plain")}))
        two = stack.enter_context(
            Server(
                {"/": lambda c: c.answer(b"two"), "/back": lambda c: c.answer(status="302 F", location=home[0])}, tls
            )
        )
        scripts = {
            "/": lambda c: c.answer(b"one"),
            "/away": location(two.url("/", "two.example")),
            "/there-and-back": location(two.url("/back", "two.example")),
            "/down": location(plain.url("/", "one.example")),
            "/home": location("/"),
        }
        one = stack.enter_context(Server(scripts, tls))
        home = [one.url("/", "one.example")]
        yield Origins(one, two, POLICY | {"ca_file": str(authority.file)})
        assert all("authorization" not in asked.headers and "x-api-key" not in asked.headers for asked in plain.asked)


SECRETS = [
    (("me", "app word"), "authorization", "Basic bWU6YXBwIHdvcmQ="),
    (("", "tok"), "authorization", "Bearer tok"),
    (("X-Api-Key:", "tok"), "x-api-key", "tok"),
]


@pytest.mark.parametrize(("secret", "header", "value"), SECRETS)
def test_a_secret_goes_to_its_own_origin_only(
    origins: Origins, secret: tuple[str, str], header: str, value: str
) -> None:
    """Neither another origin nor the same host without TLS gets to see it, wherever a redirect leads."""
    rows: list[Fetched] = []
    policy = Policy(**origins.policy, secrets={origins.one.url("", "ONE.example"): secret})
    with Fetcher(policy, log=rows.append, resolver=lambda *_: ["127.0.0.1"]) as fetcher:
        for path in ("/", "/home", "/away", "/down", "/there-and-back"):
            fetcher.get(Request(origins.one.url(path, "one.example")))
        fetcher.get(Request(origins.two.url("/", "two.example")))
    assert len(origins.one.asked) == 7
    assert len(origins.two.asked) == 3
    assert {asked.headers.get(header) for asked in origins.one.asked} == {value}
    assert {asked.headers.get(header) for asked in origins.two.asked} == {None}
    assert value not in repr(rows)
    assert secret[1] not in repr((rows, policy))


def test_headers_of_a_request_stay_with_its_origin(origins: Origins) -> None:
    """What a kind adds for one site is not told to another; what anyone may know goes along."""
    headers = {"X-WP-Nonce": "n", "Cookie": "c=1", "Accept": "application/json"}
    with Fetcher(Policy(**origins.policy), resolver=lambda *_: ["127.0.0.1"]) as fetcher:
        fetcher.get(Request(origins.one.url("/away", "one.example"), headers=headers))
    assert origins.one.asked[0].headers["x-wp-nonce"] == "n"
    sent = origins.two.asked[0].headers
    assert sent["accept"] == "application/json"
    assert not {"x-wp-nonce", "cookie"} & set(sent)


def test_a_header_is_sent_once_however_its_name_is_spelled(server: Server, fetcher: Fetcher) -> None:
    """What a request asks for goes before what is usual."""
    heads: list[bytes] = []

    def raw(c: Conversation) -> None:
        heads.append(c.asked.head)
        c.answer(b"x")

    server.scripts = {"": raw}
    fetcher.get(Request(server.url("/"), headers={"accept": "a/b", "X-More": "c"}))
    assert heads[0].lower().count(b"accept:") == 1
    assert b"\r\naccept: a/b\r\n" in heads[0]


@pytest.mark.parametrize("origin", ["http://a.example", "a.example", "https://", "https://a b"])
def test_a_secret_for_anything_but_an_https_origin_is_refused(origin: str) -> None:
    """A secret that would travel unencrypted is the operator's to mend, and the message does not tell it."""
    with pytest.raises(ConfigError) as caught:
        Fetcher(Policy(secrets={origin: ("me", "hidden")}))
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "secret", [("me", "hid\nden"), ("", "hidd\u4e2dn"), ("X-Name:", "hid\u00e9n"), ("me\r", "x"), ("X Name:", "hid")]
)
def test_a_secret_that_fits_no_header_is_refused(secret: tuple[str, str]) -> None:
    """It is found out before it can appear in an error of the network stack."""
    with pytest.raises(ConfigError) as caught:
        Policy(secrets={"https://a.example": secret})
    assert "hid" not in str(caught.value)


def test_a_password_may_hold_any_letters() -> None:
    """User and password are sent as UTF-8 (RFC 7617)."""
    sent = Policy(secrets={"https://a.example": ("me", "\u4e2d")}).credentials()
    assert sent == {"https://a.example:443": {"Authorization": "Basic bWU65Lit"}}


def test_a_policy_can_be_pickled() -> None:
    """A policy goes to other processes, secrets and all, and shows them to nobody."""
    policy = Policy(contact="me", secrets={"https://a.example": ("me", "hidden")})
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301
    assert "hidden" not in repr(policy)


def test_a_connection_whose_header_needs_forgiveness_is_not_used_again(server: Server, fetcher: Fetcher) -> None:
    """Where its answer ends is read otherwise by others: what lies behind it is no answer to the next request."""

    def loose(c: Conversation) -> None:
        c.send(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length : 5\r\n\r\nloose")
        c.keep = True

    server.scripts |= {"/loose": loose}
    assert fetcher.get(Request(server.url("/loose"))).body == b"loose"
    assert fetcher.get(Request(server.url("/plain"))).body == b"plain"
    assert len({asked.connection for asked in server.asked}) == 2
