"""What an answer is: content, a refusal, a wall, or something else."""

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.records import Request, Response
from ingest.sources.answers import Answer, body_hash, classify, html_title

JSON = {"content-type": "application/json; charset=UTF-8"}
HTML = {"content-type": "text/html; charset=UTF-8"}


def response(
    body: bytes | str = b"", status: int = 200, headers: Mapping[str, str] = HTML, url: str = "https://a.example/x"
) -> Response:
    """An answer."""
    data = body if isinstance(body, bytes) else body.encode()
    return Response(Request("https://a.example/x"), url, status, headers, io.BytesIO(data))


def page(title: str, body: str = "<p>text</p>", attributes: str = "") -> str:
    """An HTML page."""
    return f"<!DOCTYPE html>\n<html{attributes}><head><title>{title}</title></head>{body}</html>"


def envelope(code: object, message: str = "Why.", **data: Any) -> str:
    """An error as WordPress sends it."""
    return json.dumps({"code": code, "message": message, "data": data or None})


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (200, "content"),
        (203, "content"),
        (201, "status"),
        (202, "status"),
        (204, "status"),
        (206, "status"),
        (300, "status"),
        (304, "unchanged"),
        (400, "status"),
        (401, "auth"),
        (402, "status"),
        (403, "auth"),
        (404, "not_found"),
        (410, "gone"),
        (418, "status"),
        (429, "rate_limited"),
        (451, "status"),
        (500, "server_error"),
        (503, "server_error"),
        (599, "server_error"),
        (600, "status"),
        (999, "status"),
    ],
)
@pytest.mark.parametrize("body", ["", "[]", page("A page"), "plain", '{"a": 1}'])
def test_without_an_envelope_the_status_says_it(status: int, word: str, body: str) -> None:
    """The status alone decides, whatever the body is."""
    assert classify(response(body, status)).word == word


@pytest.mark.parametrize(
    ("body", "status", "word", "code", "said"),
    [
        (envelope("rest_no_route", status=404), 404, "not_found", "rest_no_route", 404),
        (envelope("rest_no_route", status=404), 200, "not_found", "rest_no_route", 404),
        (envelope("rest_no_route"), 200, "not_found", "rest_no_route", 200),
        (envelope("rest_post_invalid_id", status=404), 404, "not_found", "rest_post_invalid_id", 404),
        (envelope("rest_post_invalid_page_number", status=400), 400, "status", "rest_post_invalid_page_number", 400),
        (envelope("rest_forbidden", status=401), 401, "auth", "rest_forbidden", 401),
        (envelope("rest_forbidden", status=403), 200, "auth", "rest_forbidden", 403),
        (envelope("rest_cannot_access"), 200, "auth", "rest_cannot_access", 200),
        (envelope("rest_not_logged_in", status=401), 401, "auth", "rest_not_logged_in", 401),
        (envelope("internal_server_error", status=500), 500, "server_error", "internal_server_error", 500),
        (envelope("anything_else"), 200, "status", "anything_else", 200),
        (envelope("odd", status="404"), 200, "status", "odd", 200),
        (envelope("odd", status=True), 200, "status", "odd", 200),
        (envelope(404), 200, "not_found", "404", 404),
        ('{"error":"unauthorized","message":"No."}', 403, "auth", "unauthorized", 403),
        ('{"error":"unknown_blog","message":"No."}', 200, "not_found", "unknown_blog", 200),
        ('\ufeff\r\n{"code":"rest_no_route","message":"No."}', 404, "not_found", "rest_no_route", 404),
        ('<b>Warning</b>: x\n{"code":"rest_no_route","message":"No."}', 404, "not_found", "rest_no_route", 404),
    ],
)
def test_an_envelope_is_read(body: str, status: int, word: str, code: str, said: int) -> None:
    """Code and status of the envelope are found, also in a 200 and behind the noise of PHP."""
    answer = classify(response(body, status, JSON))
    assert (answer.word, answer.code, answer.status) == (word, code, said)
    assert answer.message


def test_the_codes_of_the_parameters_are_read() -> None:
    """`rest_invalid_param` says per parameter what is wrong with it."""
    details = {"page": {"code": "rest_out_of_bounds", "message": "x", "data": None}, "odd": {"code": 5}, "odder": None}
    answer = classify(response(envelope("rest_invalid_param", "A &amp; b", status=400, details=details), 400, JSON))
    assert (answer.details, answer.message) == (("rest_out_of_bounds",), "A & b")
    assert str(answer) == "400 rest_invalid_param: A & b"
    assert classify(response(envelope("x", status=400, details=[]), 400, JSON)).details == ()


@pytest.mark.parametrize(
    "body",
    [
        '{"id": 5, "code": "x", "message": "a post type with such fields"}',
        '{"code": "x"}',
        '{"code": null, "message": "x"}',
        '{"code": true, "message": "x"}',
        '{"code": "x", "message": ["x"]}',
        '{"data": {"code": "success", "message": "x"}}',
        '[{"code": "x", "message": "x"}]',
        '{"code": "x", "message": ',
        '{"a": ' * 9000,
        "null",
        "5",
        "",
        '{"name": "Site", "namespaces": ["wp/v2"]}',
    ],
)
def test_what_is_no_envelope_is_content(body: str) -> None:
    """Only code and message together, and no id, make an envelope."""
    answer = classify(response(body, 200, JSON))
    assert (answer.word, answer.code) == ("content", "")


CHALLENGE_BODIES = [
    "<script>window._cf_chl_opt={cvId:'3'};</script>",
    '<form id="challenge-form" action="/x">',
    '<div id="cf-browser-verification">',
    '<meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F">',
    '<iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=9">',
    "<script>sucuri_cloudproxy_js='';</script>",
    '<script src="https://check.ddos-guard.net/check.js"></script>',
    '<script id="anubis_challenge" type="application/json">',
]


@pytest.mark.parametrize("status", [200, 202, 403, 503])
@pytest.mark.parametrize("body", CHALLENGE_BODIES)
def test_a_bot_wall_is_known_by_its_page(body: str, status: int) -> None:
    """What only those pages hold makes an answer a challenge, whatever its status."""
    assert classify(response(page("Hello", f"<body>{body}</body>"), status)).word == "challenge"


@pytest.mark.parametrize(
    "headers",
    [{"cf-mitigated": "challenge"}, {"x-vercel-mitigated": "deny"}, {"x-amzn-waf-action": "captcha"}],
)
@pytest.mark.parametrize("status", [200, 202, 403, 405, 429, 503])
def test_a_bot_wall_is_known_by_its_header(headers: dict[str, str], status: int) -> None:
    """The walls that name themselves are believed."""
    assert classify(response("", status, headers)).word == "challenge"


@pytest.mark.parametrize(
    "title",
    [
        "Just a moment...",
        "Attention Required! | Cloudflare",
        "One moment, please...",
        "Vercel Security Checkpoint",
        "Making sure you&#39;re not a bot!",
        "DDoS-Guard",
        "Your access to this site has been limited by the site owner",
    ],
)
def test_the_title_of_a_bot_wall_counts_on_an_error_only(title: str) -> None:
    """A 403 with such a title is a wall; a post may bear any title."""
    assert classify(response(page(title), 403)).word == "challenge"
    assert classify(response(page(title), 503)).word == "challenge"
    assert classify(response(page(title), 200)).word == "content"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (page("Cloudflare explained", "<p>cloudflare, challenge, Just a moment...</p>"), HTML),
        (page("A post", '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'), HTML),
        (page("A post", "<script>window.__CF$cv$params={r:'1'}</script>"), HTML),
        (page("A post", '<script src="/_Incapsula_Resource?SWJIYLWA=1"></script>'), HTML),
        (page("A post"), HTML | {"server": "cloudflare", "cf-ray": "x", "cf-mitigated": "log"}),
        ("[]", JSON | {"server": "cloudflare", "content-security-policy": "challenges.cloudflare.com"}),
    ],
)
def test_the_ordinary_pages_of_guarded_sites_are_content(body: str, headers: dict[str, str]) -> None:
    """Neither the word Cloudflare nor the scripts that it puts into every page make a challenge."""
    assert classify(response(body, 200, headers)).word == "content"


WORDPRESS_LOGIN = (
    '<body class="login no-js login-action-login wp-core-ui"><form name="loginform" id="loginform" action="/">'
)


@pytest.mark.parametrize(
    "answer",
    [
        response(page("Log In &lsaquo; A blog &#8212; WordPress", WORDPRESS_LOGIN)),
        response(page("Connexion", '<form><input name="p" type="password"></form>')),
        response(page("Sign in - Members", "<input type='password'>")),
        response(page("Anything"), url="https://a.example/wp-login.php?redirect_to=x"),
    ],
)
def test_a_login_page_is_no_content(answer: Response) -> None:
    """A 200 that asks for a password is a wall."""
    assert classify(answer).word == "login"


@pytest.mark.parametrize(
    "body",
    [
        page("Logging in the forest", "<p>no form</p>"),
        page("A post", '<aside><form id="loginform"><input type="password"></form></aside>'),
        page("Login pages considered", "<p>a post on passwords without a field for one</p>"),
        page("Login", "<p>how it is done</p>"),
        "<?xml version='1.0'?><rss><channel><title>Log in</title><input type='password'></channel></rss>",
    ],
)
def test_a_post_with_a_login_form_beside_it_is_content(body: str) -> None:
    """A form in the sidebar, or a title alone, makes no login page."""
    assert classify(response(body)).word == "content"


@pytest.mark.parametrize(
    "answer",
    [
        response(page("a.example", "<div>", ' data-adblockkey="MFww"')),
        response(page("a.example is for sale")),
        response(page("This domain may be for sale")),
        response(page("Account Suspended")),
        response(page("Welcome to nginx!")),
        response(page("Apache2 Debian Default Page: It works")),
        response(page("x", '<script>window.location.href="/lander"</script>')),
        response(page("x", '<script src="//img.sedoparking.com/js/x.js"></script>')),
        response(page("x", '<link href="https://www.hugedomains.com/domain_profile.cfm?d=a">')),
        response(page("x"), url="https://www.hugedomains.com/x"),
        response(page("x"), url="https://a.example/cgi-sys/suspendedpage.cgi"),
    ],
)
def test_a_parked_domain_is_no_content(answer: Response) -> None:
    """A domain for sale, a suspended account and a web server without a site are no blog."""
    assert classify(answer).word == "parked"


@pytest.mark.parametrize(
    "title", ["The domain of a function", "How I parked my car", "nginx: welcome to the pain", "A house is for sale"]
)
def test_a_post_on_domains_is_content(title: str) -> None:
    """Ordinary words do not park a domain."""
    assert classify(response(page(title, "<p>this domain is for sale, said sedo.com</p>"))).word == "content"


def test_a_wall_that_answers_an_error_is_what_its_status_says() -> None:
    """A 404 that looks like a login page or a parked domain stays a 404."""
    assert classify(response(page("Log in", '<input type="password">'), 404)).word == "not_found"
    assert classify(response(page("Account suspended"), 503)).word == "server_error"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (b"<title>A &amp; b\n  c</title>", "A & b c"),
        (b'<TITLE lang="en">\xc3\xa9</TITLE>', "\u00e9"),
        (b"<title>cut", "cut"),
        (b"<title>" + b"x" * 5000, "x" * 200),
        (b"<titles>x</titles>", ""),
        (b"", ""),
    ],
)
def test_html_title(head: bytes, title: str) -> None:
    """The title as people read it, short enough for a log."""
    assert html_title(head) == title


def test_the_title_is_kept_for_the_log() -> None:
    """An HTML answer says in one line what it was."""
    answer = classify(response(page("Not here"), 404))
    assert answer == Answer("not_found", 404, html_title="Not here")
    assert str(answer) == "404 Not here"
    assert str(classify(response("", 500))) == "500 server_error"


def test_classifying_leaves_the_stream_at_its_start() -> None:
    """Whoever reads the answer next finds all of it."""
    answer = response(b"x" * 200_000)
    classify(answer)
    assert len(answer.stream.read()) == 200_000
    assert body_hash(answer) == hashlib.sha256(b"x" * 200_000).hexdigest()
    assert len(answer.stream.read()) == 200_000


@pytest.mark.parametrize(
    "pattern",
    [
        "<body ",
        '<body class="login" ',
        "<form ",
        "<input ",
        "<html ",
        "<title",
        "<iframe ",
        '{"code"',
        "{",
        "<a href='",
    ],
)
def test_no_page_is_slow_to_classify(pattern: str) -> None:
    """64 KiB of any repeated tag take no time that matters: the patterns are bounded."""
    import time

    began = time.process_time()
    for text in (pattern * (70_000 // len(pattern)), "<!doctype html>" + pattern * (70_000 // len(pattern))):
        classify(response(text))
        classify(response(text, 403, JSON))
    assert time.process_time() - began < 2


@given(
    st.binary(), st.integers(100, 999), st.sampled_from(["application/json", "text/html", "text/html; charset=x", ""])
)
def test_any_answer_is_something(body: bytes, status: int, content_type: str) -> None:
    """Classifying never raises."""
    assert classify(response(body, status, {"content-type": content_type})).word
