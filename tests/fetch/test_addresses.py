"""Which addresses are opened, and how they are spelled in a log."""

import ipaddress
import pickle
import socket
import string
import subprocess
import sys
import threading
import time
from itertools import cycle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import ConfigError, FetchError
from ingest.fetch import Fetcher, Policy, redact
from ingest.fetch.addresses import Guard, Target, _literal, is_public
from ingest.records import Request

from .hostile import Server

SPECIAL = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.9 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 100::1 fe80::1 fec0::1 fc00::1 fd12::1
ff02::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 4000::1
"""
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 172.15.255.255
172.32.0.0 191.255.255.255 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
2606:4700::1111 2a00:1450:4001:80b::200e 2001:4860:4860::8888 2400:cb00::1
"""

#: Ways to spell an address of this machine or its network.
PRIVATE_URLS = """
http://127.0.0.1/ http://2130706433/ http://0x7f000001/ http://0x7f.1/ http://0177.0.0.1/ http://017700000001/ http://127.1/
http://0/ http://0.0.0.0/ http://127.0.0.1./ http://[::1]/ http://[::]/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/
http://[64:ff9b::7f00:1]/ http://[64:ff9b::127.0.0.1]/ http://[2002:7f00:1::]/ http://[::127.0.0.1]/ http://[fe80::1]/
http://[fd00::1]/ http://10.0.0.1/ http://169.254.169.254/latest/ http://user@127.0.0.1/ http://a.example@127.0.0.1/
http://a.example:80@127.0.0.1/ http://127.0.0.1\\@a.example/ http://127.0.0.1#@a.example/ http://127.0.0.1?@a.example/
http://127.0.0.1%2f@10.0.0.1/ http://\uff11\uff12\uff17.0.0.1/ http://127\u30020\u30020\u30021/ http://\u2460\u2461\u2466.0.0.1/ http://127.0.0.1%00.a.example/
http://%31%32%37.0.0.1/ http://[::1]%00/ http://[::1/ http:///127.0.0.1/ http:127.0.0.1 file:///etc/hostname ftp://127.0.0.1/
gopher://127.0.0.1/ data:text/html,x javascript:alert(1) //127.0.0.1/ 127.0.0.1 /etc/hostname
"""


@given(st.text("0123456789abcdefxX.-_:", max_size=12) | st.text(string.ascii_letters + string.punctuation, max_size=6))
@example("0x7f.1")
@example("0X7F000001.")
@example("127.0.0.1.")
@example("1.example.")
def test_what_spells_an_address_is_what_the_c_library_takes(host: str) -> None:
    """No name is taken for an address, and no address for a name."""
    bare = host.rstrip(".")
    try:
        expected: object = ipaddress.ip_address(bare)
    except ValueError:
        try:
            expected = ipaddress.IPv4Address(socket.inet_aton(bare))
        except OSError:
            expected = None
    assert _literal(host) == expected


@pytest.mark.parametrize("address", SPECIAL.split())
def test_special_addresses_are_not_public(address: str) -> None:
    """Nothing of the special-purpose registries is public."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_the_neighbours_of_special_ranges_are_public(address: str) -> None:
    """The table ends where the registries say."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url", [*PRIVATE_URLS.split(), "", " ", "http://", "http://-/", "http://a b/", "http://a:99999/", "http://a:b/"]
)
def test_no_spelling_reaches_this_machine(url: str) -> None:
    """However an address of this network is spelled, it is refused before a name is looked up."""

    def resolver(host: str, _port: int) -> list[str]:
        raise AssertionError(host)

    with Fetcher(Policy(robots="ignore", delay=0), resolver=resolver) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(Request(url))
    assert caught.value.kind == "blocked"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1%lo"]
)
def test_a_name_that_points_inside_is_refused(address: str) -> None:
    """A name is judged by the address it has."""
    with (
        Fetcher(Policy(robots="ignore"), resolver=lambda *_: [address]) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.get(Request("http://inside.example/"))
    assert caught.value.kind == "blocked"


def test_a_name_that_rebinds_is_looked_up_once() -> None:
    """A name that is public when checked and private when connected to gains nothing: it is asked for only once."""
    asked: list[str] = []
    answers = cycle([["203.0.114.1", "127.0.0.1"], ["127.0.0.1"]])

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    guard = Guard(resolver=rebinding)
    assert guard.addresses("", "rebind.example", 80) == ["203.0.114.1"]
    assert asked == ["rebind.example"]
    with pytest.raises(FetchError, match="blocked"):
        guard.addresses("", "rebind.example", 80)


def test_a_connection_goes_to_the_address_that_was_checked(server: Server) -> None:
    """The second answer of a rebinding resolver is never connected to, because nobody asks for it."""
    answers = iter([["127.0.0.1"], ["127.0.0.99"]])
    policy = Policy(robots="ignore", delay=0, allow_private=("127.0.0.1",))
    with Fetcher(policy, resolver=lambda *_: next(answers)) as fetcher:
        assert fetcher.get(Request(server.url("/plain", "rebind.example"))).status == 200
    assert next(answers) == ["127.0.0.99"]
    assert server.asked[-1].host == f"rebind.example:{server.port}"


def test_a_redirect_to_a_name_that_points_inside_is_refused(server: Server) -> None:
    """The check holds for every hop."""
    policy = Policy(robots="ignore", delay=0, allow_private=("outside.example",))
    with Fetcher(policy, resolver=lambda *_: ["127.0.0.1"]) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(Request(server.url("/to-inside", "outside.example")))
    assert caught.value.kind == "blocked"
    assert "inside.example" in caught.value.url
    assert server.paths == ["/to-inside"]


@pytest.mark.parametrize(
    "allowed", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1/8", "inside.example", "INSIDE.example.", "0.0.0.0/0"]
)
def test_what_the_operator_allows_is_reached(server: Server, allowed: str) -> None:
    """A name, an address or a network in allow_private opens the way."""
    policy = Policy(robots="ignore", delay=0, allow_private=("", " ", allowed))
    with Fetcher(policy, resolver=lambda *_: ["127.0.0.1"]) as fetcher:
        assert fetcher.get(Request(server.url("/plain", "inside.example"))).body == b"plain"


@pytest.mark.parametrize("allowed", ["127.0.0.2", "10.0.0.0/8", "other.example", "example", "::1"])
def test_what_the_operator_allows_opens_nothing_else(server: Server, allowed: str) -> None:
    """Allowing one thing allows no other."""
    policy = Policy(robots="ignore", delay=0, allow_private=(allowed,))
    with Fetcher(policy, resolver=lambda *_: ["127.0.0.1"]) as fetcher, pytest.raises(FetchError, match="blocked"):
        fetcher.get(Request(server.url("/plain", "inside.example")))


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "nonsense/8", "http://a.example", "::1::"])
def test_an_entry_that_is_no_network_is_refused(entry: str) -> None:
    """A mistake in allow_private is the operator's to mend, not ours to guess."""
    with pytest.raises(ConfigError):
        Guard((entry,))


def test_a_mapped_address_is_judged_by_what_it_carries() -> None:
    """NAT64 addresses of public hosts stay reachable: on IPv6-only networks there are no others."""
    assert Guard().permits("a.example", ipaddress.ip_address("64:ff9b::808:808"))
    assert Guard(("127.0.0.0/8",)).permits("a.example", ipaddress.ip_address("::ffff:127.0.0.1"))


def test_no_address_is_dns() -> None:
    """A name without an address, or that no resolver takes, is `dns`, and worth another try."""

    def empty(_host: str, _port: int) -> list[str]:
        return []

    for guard in (Guard(resolver=empty), Guard()):
        with pytest.raises(FetchError) as caught:
            guard.addresses("http://x", "no-such-name.invalid", 80)
        assert caught.value.kind == "dns"
        assert caught.value.transient


@pytest.mark.parametrize(
    ("url", "host", "port", "whole"),
    [
        ("http://Example.ORG", "example.org", 80, "http://example.org/"),
        ("HTTPS://example.org:443/a/../b?q=1#f", "example.org", 443, "https://example.org:443/b?q=1"),
        ("http://user:secret@example.org:8080/", "example.org", 8080, "http://example.org:8080/"),
        (
            "https://bücher.example/ä?ö=ü",
            "xn--bcher-kva.example",
            443,
            "https://xn--bcher-kva.example/%C3%A4?%C3%B6=%C3%BC",
        ),
        ("http://example.org/%e5%81%a5?p=%5B1%5D", "example.org", 80, "http://example.org/%E5%81%A5?p=%5B1%5D"),
        ("http://example.org/a%20b%zz?q=%C3%A4%", "example.org", 80, "http://example.org/a%20b%25zz?q=%C3%A4%25"),
        ("http://example.org/100%/ä%e4?%2f", "example.org", 80, "http://example.org/100%25/%C3%A4%E4?%2F"),
        ("http://a%:b%zz@example.org?50%", "example.org", 80, "http://example.org/?50%25"),
        ("http://[2606:4700::1111]:81/x", "2606:4700::1111", 81, "http://[2606:4700::1111]:81/x"),
        (
            " http://a_b.example./?rest_route=/wp/v2/posts ",
            "a_b.example.",
            80,
            "http://a_b.example./?rest_route=/wp/v2/posts",
        ),
    ],
)
def test_target(url: str, host: str, port: int, whole: str) -> None:
    """An address is taken apart once: host in ASCII, default port filled in, user info and fragment gone."""
    assert Target.of(url) == Target(whole.split(":", 1)[0], host, port, whole)


EVEN = st.from_regex(
    r"\A(https?|HTTP)://([a-z0-9_.-]{1,9}|[a-z.A-Z\u00fc]{1,9}|127\.0?0?0\.0\.1|\[::1\])(:[0-9]{0,6})?"
    r"(/[a-zA-Z0-9_.~!$&'()*+,;=:@%/\\ -]{0,12})?(/\.\.?)?(/|%2[fF]|%41|%zz)?(\?[a-zA-Z0-9_.~!$&'()*+,;=:@%/?\[ -]{0,12})?(#a)?\Z"
)


@given(EVEN)
@example("http://a.example:65536/")
@example("http://a.example:0/")
@example("http://a.example/.")
@example("http://a.example/?")
@example("http://a.example//x/../y")
@example("http://a.example/%2F%2f?%")
def test_an_address_in_its_even_form_needs_no_parser(url: str) -> None:
    """What is taken as it stands is what the parser makes of it."""
    targets = []
    for way in (Target.of, Target._parsed):
        try:
            targets.append(way(url))
        except FetchError as error:
            targets.append(error.cause)
    assert targets[0] == targets[1]


def test_most_addresses_load_no_parser() -> None:
    """The shortcut is taken where it should be: a run over ordinary addresses never loads urllib3."""
    code = (
        "import sys; from ingest.fetch.addresses import Target;"
        "Target.of('https://www.a.example:8080/wp-json/wp/v2/posts?_fields=id,link&search=%E5%81%A5');"
        "assert 'urllib3' not in sys.modules; import ingest.fetch; assert 'requests' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("url", "path", "authority"),
    [
        ("http://example.org", "/", "example.org"),
        ("https://example.org.:443/b?q=1#f", "/b?q=1", "example.org"),
        ("http://example.org:443?x", "/?x", "example.org:443"),
        ("http://[2606:4700::1111]:81/x", "/x", "[2606:4700::1111]:81"),
        ("http://[fe80::1%25lo]/x", "/x", "[fe80::1]"),
    ],
)
def test_what_a_host_is_asked_for(url: str, path: str, authority: str) -> None:
    """The request line holds path and query, the Host header the name without the root's dot, and an unusual port."""
    target = Target.of(url)
    assert (target.path, target.authority) == (path, authority)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@a.example/x", "https://a.example/x"),
        ("http://a.example@b.example@c.example/", "http://c.example/"),
        ("//user:pw@a.example/", "//a.example/"),
        ("https://a.example/?token=abc&page=2", "https://a.example/?token=***&page=2"),
        (
            "https://a.example/?api_key=a&APIKEY=b&key=c&x-access-token=d",
            "https://a.example/?api_key=***&APIKEY=***&key=***&x-access-token=***",
        ),
        ("https://a.example/?_wpnonce=a&password=b&sig=c", "https://a.example/?_wpnonce=***&password=***&sig=***"),
        ("https://a.example/?keyword=cats&author=3&orderby=id", "https://a.example/?keyword=cats&author=3&orderby=id"),
        ("https://a.example/?rest_route=/wp/v2/posts&flag", "https://a.example/?rest_route=/wp/v2/posts&flag"),
        ("https://a.example/mail@b.example", "https://a.example/mail@b.example"),
    ],
)
def test_redact(url: str, shown: str) -> None:
    """A log shows where we went, never with what secret."""
    assert redact(url) == shown


def test_a_refused_address_names_no_secret() -> None:
    """Errors show the redacted address, also after a trip between processes."""
    with pytest.raises(FetchError) as caught:
        Target.of("ftp://user:secret@a.example/?token=secret")
    assert "secret" not in str(pickle.loads(pickle.dumps(caught.value)))  # noqa: S301


def test_a_name_server_that_does_not_answer_ends_at_the_deadline() -> None:
    """A lookup that hangs is left behind; the error is `dns`, and comes in time."""
    answers = threading.Event()
    policy = Policy(robots="ignore", deadline=0.5)
    began = time.monotonic()
    with Fetcher(policy, resolver=lambda *_: [str(answers.wait())]) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(Request("http://a.example/"))
    answers.set()
    assert caught.value.kind == "dns"
    assert 0.5 <= time.monotonic() - began < 1.0


def test_who_asks_a_name_server_asks_again() -> None:
    """Names are looked up in a thread that is kept for the next; one that hangs keeps nobody else waiting."""
    asked: list[int] = []
    hangs, freed = threading.Event(), threading.Event()

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(threading.get_ident())
        if host == "hangs.example":
            hangs.set()
            freed.wait()
        return ["93.184.216.34"]

    guard = Guard(resolver=resolver)
    stuck = threading.Thread(target=guard.addresses, args=("", "hangs.example", 80))
    stuck.start()
    hangs.wait()
    for _ in range(50):
        assert guard.addresses("", "a.example", 80) == ["93.184.216.34"]
    freed.set()
    stuck.join()
    assert asked[0] not in asked[1:]
    assert len(set(asked)) < len(asked)


def test_the_next_address_is_tried_when_one_refuses(server: Server) -> None:
    """A host with several addresses is reached at the first that answers."""
    policy = Policy(robots="ignore", delay=0, allow_private=("127.0.0.0/8", "::1"))
    with Fetcher(policy, resolver=lambda *_: ["::1", "127.0.0.9", "127.0.0.1"]) as fetcher:
        assert fetcher.get(Request(server.url("/plain", "many.example"))).body == b"plain"
