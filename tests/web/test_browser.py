"""The page in a real browser: searched, read, compared, taken away; dark, on a phone, by keyboard, without JavaScript."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A window on the served corpus; anything that a page asks elsewhere fails the test."""
    context = browser.new_context(base_url=address, viewport={"width": 1100, "height": 800})
    elsewhere: list[str] = []
    context.on("request", lambda one: one.url.startswith(address) or elsewhere.append(one.url))
    yield context.new_page()
    context.close()
    assert elsewhere == []


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(…)` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2 §1.4.3)."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


#: Of every element with words of its own: tag, colour, and the first background behind it that is not transparent.
COLOURS = """() => [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() &&
  [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim())).map(e => {
    let b = e; while (b && getComputedStyle(b).backgroundColor == 'rgba(0, 0, 0, 0)') b = b.parentElement;
    return [e.tagName + '.' + e.className, getComputedStyle(e).color, getComputedStyle(b || document.body).backgroundColor] })"""


def test_from_the_first_page_to_a_post_and_its_changes(page: Any) -> None:
    """Search, read, look at the original, compare versions: what a reader does on the first day."""
    page.goto("/")
    page.get_by_label("Words, ").fill('"keeps the whole house" pump')
    page.get_by_role("button", name="Search").click()
    assert page.locator("mark").count() >= 2
    page.get_by_role("link", name="Our first winter with a heat pump", exact=True).click()
    assert page.locator("h1").inner_text() == "Our first winter with a heat pump"
    assert "nine below" in page.locator(".text").inner_text()
    original = page.locator(".original .html")
    assert not original.is_visible()
    page.get_by_text("The original HTML").click()
    assert original.is_visible()
    page.get_by_role("link", name="compare 2 and 3").click()
    assert page.locator("ins").first.inner_text() == "put in"
    assert page.locator("article ins").first.inner_text().strip() == "whole"
    page.get_by_label("From version").select_option("1")
    page.get_by_role("button", name="Compare").click()
    before = "e => (e.querySelectorAll('ins').forEach(word => word.remove()), e.innerText)"
    assert "We have not measured it yet" in page.locator("article").evaluate(before)


def test_facets_chips_and_pages(page: Any) -> None:
    """Narrow by a facet, turn the page, take the filter out again."""
    page.goto("/garden/-/search?q=hive")
    page.get_by_role("complementary").get_by_role("link", name="2023").click()
    assert "from=2023" in page.url
    assert all(day.startswith("2023") for day in page.locator(".hits time").all_inner_texts())
    page.get_by_role("link", name=re.compile("^From: 2023")).click()
    page.get_by_role("link", name=re.compile("^To: 2023")).click()
    assert page.url.endswith("/search?q=hive")
    page.get_by_role("link", name="Next →").click()
    assert "page 2 of" in page.locator(".pages").inner_text()


def test_a_result_is_downloaded(page: Any, tmp_path: Path) -> None:
    """*Download this result* gives files."""
    page.goto("/garden/-/search?q=hive")
    for name, word in (("CSV", "csv"), ("JSON Lines", "jsonl"), ("zip of text files and metadata", "zip")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=name, exact=True).click()
        waiting.value.save_as(tmp_path / word)
        assert waiting.value.suggested_filename == f"posts.{word}"
        assert (tmp_path / word).stat().st_size > 1000


def test_health_is_found_and_read(page: Any) -> None:
    """A link leads to each source with its verdict; missing posts unfold."""
    page.goto("/")
    page.get_by_role("link", name=re.compile("health", re.IGNORECASE)).first.click()
    row = page.get_by_role("row").filter(has_text="slow-garden.example")
    assert "partial" in row.inner_text()
    row.locator("summary").click()
    assert "post/512" in row.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_day_and_by_night(page: Any, scheme: str) -> None:
    """Every word on every page has a contrast of 4.5 or more; dark is dark."""
    page.emulate_media(color_scheme=scheme)
    for address in ("/", "/garden/-/search?q=hive&category=Beekeeping&as-of=nonsense", "/garden/-/health", "/garden/-/post/1",
                    "/garden/-/site?site=bees.example", "/garden/-/post/241/changes"):  # fmt: skip
        page.goto(address)
        ground = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert ground > 0.8 if scheme == "light" else ground < 0.05
        for name, colour, behind in page.evaluate(COLOURS):
            assert contrast(colour, behind) >= 4.5, (address, name, colour, behind)


@pytest.mark.parametrize("width", [320, 360])
def test_it_fits_a_phone(page: Any, width: int) -> None:
    """No page is wider than a phone; the hits come before what narrows them."""
    page.set_viewport_size({"width": width, "height": 740})
    for address in ("/", "/garden/-/search?q=hive", "/garden/-/health", "/garden/-/post/1?original=1", "/garden/-/saved",
                    "/garden/-/site?site=bees.example", "/garden/-/post/241/changes", "/garden/-/post/1/similar"):  # fmt: skip
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto("/garden/-/search?q=hive")
    assert page.locator(".hits").bounding_box()["y"] < page.locator("aside").bounding_box()["y"]


def test_it_works_by_keyboard_alone(page: Any) -> None:
    """The first Tab is the skip link; focus is always to be seen; Enter searches, opens and unfolds."""
    page.goto("/garden/-/saved")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.goto("/")
    page.wait_for_function("document.activeElement.name === 'q'")  # autofocus comes with the first frame, after `load`
    page.keyboard.type("hedge")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=hedge*")
    for _ in range(60):
        page.keyboard.press("Tab")
        style = page.evaluate("(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))")
        assert style[0] != "none", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.matches('.hits h3 a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/post/*")
    page.locator(".original summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".original .html").is_visible()


def test_every_field_and_picture_has_a_name(page: Any) -> None:
    """Fields have labels, pictures words, headings an order."""
    for address in ("/", "/garden/-/search?q=hive", "/garden/-/health", "/garden/-/post/1"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        fields = (
            "[...document.querySelectorAll('input:not([type=hidden]), select')].filter(e => !e.labels.length).length"
        )
        assert page.evaluate(fields) == 0
        pictures = "[...document.querySelectorAll('svg')].filter(e => !e.getAttribute('aria-label')).length"
        assert page.evaluate(pictures) == 0
        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == 1


def test_nothing_needs_javascript(browser: Any, address: str) -> None:
    """Everything above works where scripts are switched off."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.locator("#q").fill("hedge")
    page.locator("form.search button").first.click()
    assert "hedge" in page.locator("mark").first.inner_text().lower()
    assert page.locator("svg.counts rect").count() > 5
    page.locator(".hits h3 a").first.click()
    page.get_by_text("The original HTML").click()
    assert page.locator(".original .html").is_visible()
    assert page.locator(".original img[src]").count() == 0
    context.close()


def test_images_are_loaded_by_whoever_asks(browser: Any, address: str) -> None:
    """Before, not one request leaves; after, the browser asks for the image, and only for that."""
    context = browser.new_context(base_url=address)
    asked: list[str] = []
    context.route(
        lambda url: not url.startswith(address), lambda route: (asked.append(route.request.url), route.abort())
    )
    page = context.new_page()
    page.goto("/garden/-/post/1")
    page.get_by_text("The original HTML").click()
    page.wait_for_load_state("networkidle")
    assert asked == []
    page.get_by_role("link", name="load the images").click()
    page.locator(".original img").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert [re.sub(r"\d+", "N", url) for url in asked] == [re.sub(r"\d+", "N", asked[0])]
    assert asked[0].endswith(".jpg")
    context.close()


def test_printed_it_is_the_text(page: Any) -> None:
    """On paper: no menu, no form, black on white."""
    page.goto("/garden/-/post/1")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("header.top").is_visible()
    assert page.locator(".text").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
