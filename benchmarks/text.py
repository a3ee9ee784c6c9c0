"""HTML to text: speed and agreement with Chromium, ours and others', in one run on the same generated posts.

    python -m venv .cache/bench
    .cache/bench/bin/pip install beautifulsoup4 lxml html-text inscriptis resiliparse selectolax turbohtml \
        trafilatura playwright
    .cache/bench/bin/python benchmarks/text.py [--posts 300] [--chromium /usr/bin/chromium]

Prints a Markdown table. What is not installed is left out. The posts are generated (posts.py).
"""

import argparse
import importlib
import importlib.util
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from posts import Posts

from ingest.text import plain
from ingest.text.tokens import tokens

Convert = Callable[[str], str]


def contenders() -> dict[str, Convert]:
    """Every converter that is installed, by name and version where the name alone does not say which call it is."""
    found: dict[str, Convert] = {"blogcorpus `plain`": plain}
    for name, make in (
        ("turbohtml `to_text()`", _turbohtml),
        ("resiliparse `extract_plain_text`", _resiliparse),
        ("selectolax lexbor `text()`", _lexbor),
        ("html-text", lambda: importlib.import_module("html_text").extract_text),
        ("inscriptis", lambda: importlib.import_module("inscriptis").get_text),
        ("BeautifulSoup(lxml) `get_text()`", _soup),
        ("trafilatura `html2txt`", lambda: importlib.import_module("trafilatura").html2txt),
    ):
        try:
            found[name] = make()
        except (ImportError, AttributeError) as missing:
            print(f"left out: {name} ({missing})", file=sys.stderr)
    return found


def _resiliparse() -> Convert:
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda html: extract(html, preserve_formatting=True)


def _turbohtml() -> Convert:
    parse = importlib.import_module("turbohtml").parse
    return lambda html: parse(html).to_text()


def _lexbor() -> Convert:
    parser = importlib.import_module("selectolax.lexbor").LexborHTMLParser
    return lambda html: parser(html).body.text()


def _soup() -> Convert:
    soup = importlib.import_module("bs4").BeautifulSoup
    return lambda html: soup(html, "lxml").get_text()


def bare_parse() -> Convert:
    """The yardstick: lxml builds its tree, and nothing is done with it."""
    etree = importlib.import_module("lxml.etree")
    parser = etree.HTMLParser(huge_tree=True)
    return lambda html: etree.fromstring("<body>" + html, parser)


class _Nothing:
    """An event target that takes every event and does nothing with it."""

    def start(self, tag: str, attrib: object) -> None: ...
    def end(self, tag: str) -> None: ...
    def data(self, data: str) -> None: ...
    def comment(self, text: str) -> None: ...
    def close(self) -> None: ...


def _events() -> Convert:
    etree = importlib.import_module("lxml.etree")

    def feed(html: str) -> None:
        parser = etree.HTMLParser(target=_Nothing(), huge_tree=True)
        parser.feed("<body>" + html)
        parser.close()

    return feed


def parsers() -> dict[str, Convert]:
    """What a converter could stand on, with nothing done with what it yields."""
    found: dict[str, Convert] = {
        "our tokens (one regular expression)": lambda html: deque(tokens(html), 0),
        "lxml tree": bare_parse(),
        "lxml event target in Python, empty": _events(),
    }
    if importlib.util.find_spec("selectolax"):
        found["lexbor tree"] = importlib.import_module("selectolax.lexbor").LexborHTMLParser
    return found


def shown_by_chromium(posts: list[str], chromium: str) -> list[str] | None:
    """`innerText` of each post in Chromium, offline and without style sheets; nothing where it is not installed."""
    if not Path(chromium).exists() or importlib.util.find_spec("playwright") is None:
        return None
    api = importlib.import_module("playwright.sync_api")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    read = (
        "posts => posts.map(html => { const box = document.getElementById('box'); box.innerHTML = html;"
        " const text = box.innerText; box.innerHTML = ''; return text; })"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_context(offline=True).new_page()
        page.set_content("<!doctype html><body><div id=box></div>")
        texts = [text for start in range(0, len(posts), 25) for text in page.evaluate(read, posts[start : start + 25])]
        browser.close()
    return texts


def level(text: str) -> str:
    """What both sides are compared as: no-break spaces as spaces, invisible characters left out."""
    return text.replace("\xa0", " ").translate(dict.fromkeys((0x200B, 0xFEFF, 0xAD)))


def lines(text: str) -> list[str]:
    """The lines that have words, each with single spaces."""
    return [" ".join(line.split()) for line in level(text).splitlines() if line.split()]


def agreement(convert: Convert, posts: list[str], shown: list[str]) -> tuple[float, float]:
    """The shares of posts with the same words, and with the same lines, as Chromium shows; an exception is neither."""
    words = same = 0
    for html, theirs in zip(posts, shown, strict=True):
        try:
            ours = str(convert(html) or "")
        except Exception:  # noqa: BLE001, S112  (another library's failure is its result here)
            continue
        words += level(ours).split() == level(theirs).split()
        same += lines(ours) == lines(theirs)
    return words / len(posts), same / len(posts)


def seconds(convert: Convert, posts: list[str]) -> float:
    """CPU time for all posts."""
    start = time.process_time()
    for html in posts:
        convert(html)
    return time.process_time() - start


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--posts", type=int, default=300)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--chromium", default="/usr/bin/chromium")
    options = ask.parse_args()
    posts = Posts(options.seed).make(options.posts)
    found = contenders()
    yardstick = bare_parse()
    taken: dict[str, list[float]] = {name: [] for name in ("", *found)}
    for _ in range(options.rounds):  # interleaved, so that a busy minute hits all alike
        taken[""].append(seconds(yardstick, posts))
        for name, convert in found.items():
            taken[name].append(seconds(convert, posts))
    print("| parser alone | x bare parse |\n|---|---|")
    for name, parse in parsers().items():
        print(f"| {name} | {min(seconds(parse, posts) for _ in range(options.rounds)) / min(taken['']):.2f} |")
    shown = shown_by_chromium(posts, options.chromium)
    size = sum(map(len, posts)) / len(posts)
    print(f"\n{len(posts)} posts, {size / 1000:.1f} kB each on average; bare lxml parse = 1.\n")
    print("| | posts/s | x bare parse | same words as Chromium | same lines |")
    print("|---|---|---|---|---|")
    for name, convert in found.items():
        times = statistics.median(own / bare for own, bare in zip(taken[name], taken[""], strict=True))
        marks = "| - | -" if shown is None else "| {:.1%} | {:.1%}".format(*agreement(convert, posts, shown))
        print(f"| {name} | {len(posts) / min(taken[name]):,.0f} | {times:.1f} {marks} |")


if __name__ == "__main__":
    main()
