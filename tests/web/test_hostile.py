"""A publisher who means harm: whatever stands in a corpus stays text, in the HTML and in a real browser."""

import re
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.web.conftest import Answer, ask_all, ended, serving
from tests.web.hostile import HOME, SCRIPTS


def addresses(path: Path) -> list[str]:
    """Every page that shows something of this corpus."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = [row[0] for row in conn.execute("SELECT doc_id FROM posts WHERE remote_id <> '90' ORDER BY id")]
    changed = conn.execute("SELECT doc_id FROM posts WHERE remote_id = '91'").fetchone()[0]
    conn.close()
    pages = ["", "health", "saved", f"site?site={quote(HOME.removeprefix('https://'))}", f"post/{changed}/changes"]
    pages += ["search?q=needle", *(f"search?q={quote(one)}&author={quote(one)}" for one in SCRIPTS)]
    pages += [f"post/{number}?original=1" for number in found] + [f"post/{found[0]}/similar"]
    return ["/", *(f"/hostile/-/{page}" for page in pages[1:])]


@pytest.fixture(scope="module")
def answers(poisoned: Path) -> dict[str, Answer]:
    """Every page, as HTML."""
    asked = addresses(poisoned)
    return dict(zip(asked, ask_all([poisoned], *asked), strict=True))


def test_no_page_holds_what_a_browser_would_run(answers: dict[str, Answer]) -> None:
    """No script, no handler, no style, no foreign resource, no address but http(s) and mailto."""
    for page, answer in answers.items():
        assert answer.status == 200, page
        assert not re.search(
            r"<(script|iframe|object|embed|form [^>]*evil|base|meta http-equiv|video|style)\b", answer.text
        ), page
        for tag in re.findall(r"<[a-zA-Z][^>]*>", answer.text):
            assert not re.search(r"\s(on\w+|style|srcdoc|srcset)\s*=", re.sub(r'"[^"]*"', '""', tag)), (page, tag)
            assert not re.search(r"\ssrc\s*=", re.sub(r'"[^"]*"', '""', tag)), (page, tag)
        links = [unescape(link).strip().lower() for link in re.findall(r'href="([^"]*)"', answer.text)]
        assert not [link for link in links if urlsplit(link).scheme not in {"", "http", "https", "mailto"}], page
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", answer.text), page


def test_what_it_says_is_still_there(answers: dict[str, Answer]) -> None:
    """Text is not lost: it is shown as what it is."""
    found = unescape(re.sub(r"</?mark>", "", answers["/hostile/-/search?q=needle"].text))
    assert "needle <script>alert(1)</script>" in found
    assert "{{ 7 * 7 }}" in found


def test_a_large_post_is_shown(poisoned: Path) -> None:
    """5 MB of text on one page; its original waits until it is asked for."""
    conn = sqlite3.connect(f"file:{poisoned}?mode=ro", uri=True)
    number, text = conn.execute("SELECT doc_id, text FROM posts WHERE remote_id = '90'").fetchone()
    conn.close()
    plain, whole = ask_all([poisoned], f"/hostile/-/post/{number}", f"/hostile/-/post/{number}?original=1")
    assert len(text) > 4_000_000
    assert plain.text.count("one large &amp; bold word") == 200_000
    assert "show the original" in plain.text
    assert whole.text.count("<b>bold</b>") == 200_000


def test_a_real_browser_runs_nothing_and_asks_nobody(poisoned: Path, browser: Any) -> None:
    """In Chromium: no dialog, no script, no request to any other host, no error but what the policy forbids."""
    server, where = serving(poisoned)
    try:
        page = browser.new_page()
        dialogs: list[str] = []
        asked: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        for one in addresses(poisoned):
            page.goto(where + one)
            for summary in page.locator("details:not([open]) > summary").all()[:12]:
                if summary.is_visible():
                    summary.click()
            assert page.evaluate("document.querySelectorAll('script, iframe, object, style').length") == 0
            assert page.evaluate("getComputedStyle(document.body).backgroundImage") == "none"
        page.close()
    finally:
        code, err = ended(server)
    assert dialogs == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(where).netloc}
    assert code == 143
    assert "Traceback" not in err
