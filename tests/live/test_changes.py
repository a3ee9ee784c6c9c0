"""A site that changes: every edit, every disappearance, at the price the design names."""

import time
from collections.abc import Callable

import pytest

from tests.live.looking import Desk
from tests.live.test_backfill import equals
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress")]

OLD = "2011-05-05 05:05:05"


def ids(site: WordPress, kind: str = "post") -> list[int]:
    """Public ids, without the protected ones."""
    return [post.id for post in truth(site, (kind,)) if not post.protected]


def publish_backdated_draft(site: WordPress) -> None:
    """Written today, dated years ago."""
    number = events.draft(site, "Backdated")
    events.set_status(site, "publish", number, at=OLD)


def publish_scheduled(site: WordPress) -> None:
    """Published by cron: modified stays at the last edit."""
    events.schedule(site, "Scheduled", at="2031-01-01 00:00:00", modified=OLD)
    events.run_cron(site, "2031-01-02 00:00:00")


CHANGES: dict[str, Callable[[WordPress], object]] = {
    "new post": lambda s: events.publish(s, "New"),
    "new page": lambda s: events.publish(s, "New page", type="page"),
    "imported with an old date": lambda s: events.publish(s, "Imported", at=OLD),
    "scheduled, published by cron": publish_scheduled,
    "draft published backdated": publish_backdated_draft,
    "edit": lambda s: events.edit(s, ids(s)[4]),
    "edit of a page": lambda s: events.edit(s, ids(s, "page")[0]),
    "private": lambda s: events.set_status(s, "private", ids(s)[7]),
    "trash": lambda s: events.trash(s, ids(s)[8]),
    "delete": lambda s: events.delete(s, ids(s)[9]),
    "delete the newest": lambda s: events.delete(s, ids(s)[-1]),
    "delete a page --full": lambda s: events.delete(s, ids(s, "page")[-1]),
    "draft again": lambda s: events.set_status(s, "draft", ids(s)[3]),
    "one deleted, one published": lambda s: (events.delete(s, ids(s)[2]), events.publish(s, "Instead")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(desk: Desk, wordpress_small: WordPress, change: str) -> None:
    """After the next fetch the corpus equals the site's database again, and nothing that was stored is lost."""
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    before = {row[0] for row in desk.ask("SELECT text FROM posts")}
    CHANGES[change](wordpress_small)
    # Deleted pages show within a day, when the totals of the other types take their turn; nothing tells at once.
    code, rows, _ = desk.run("fetch", wordpress_small.url, *(["--full"] if "--full" in change else []))
    assert (code, rows[0]["verdict"]) == (0, "complete"), rows
    equals(desk, wordpress_small)
    after = {row[0] for row in desk.ask("SELECT text FROM posts UNION SELECT text FROM revisions")}
    assert before <= after
    desk.sound()


@pytest.mark.parametrize(
    ("change", "kind"), [("delete", "erased"), ("trash", "unpublished"), ("private", "unpublished")]
)
def test_gone_with_evidence_and_back_again(desk: Desk, wordpress_small: WordPress, change: str, kind: str) -> None:
    """A tombstone says how it went and how we know; what comes back is there again."""
    desk.run("fetch", wordpress_small.url)
    number = ids(wordpress_small)[6]
    {"delete": events.delete, "trash": events.trash, "private": lambda s, n: events.set_status(s, "private", n)}[
        change
    ](wordpress_small, number)
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    ((gone_kind, evidence, words),) = desk.ask(
        "SELECT gone_kind, gone_evidence, word_count FROM posts WHERE remote_id = ?", str(number)
    )
    assert gone_kind == kind
    assert evidence
    assert words > 0
    if change != "delete":
        (events.restore if change == "trash" else lambda s, n: events.set_status(s, "publish", n))(
            wordpress_small, number
        )
        assert desk.run("fetch", wordpress_small.url)[0] == 0
        assert desk.ask("SELECT gone_at, gone_kind FROM posts WHERE remote_id = ?", str(number)) == [(None, None)]
        equals(desk, wordpress_small)


def test_a_password_hides_nothing_that_was_public(desk: Desk, wordpress_small: WordPress) -> None:
    """A post that becomes protected keeps its last words, marked; opened again it is as before."""
    desk.run("fetch", wordpress_small.url)
    number = ids(wordpress_small)[5]
    ((text,),) = desk.ask("SELECT text FROM posts WHERE remote_id = ?", str(number))
    events.set_password(wordpress_small, "secret", number)
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    look = "SELECT text, status, gone_kind FROM posts WHERE remote_id = ?"
    assert desk.ask(look, str(number)) == [(text, "protected", "protected")]
    time.sleep(1.1)  # WordPress dates by the second: its feed's validators tell no two changes of one second apart
    events.set_password(wordpress_small, "", number)
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    assert desk.ask(look, str(number)) == [(text, "publish", None)]


@pytest.mark.parametrize(
    "play",
    ["empty", "down", "login_wall", "rest_not_logged_in", "wp_die", "rest_cannot_access", "challenge", "rest_no_route"],
)
def test_an_outage_buries_nothing(desk: Desk, wordpress_small: WordPress, play: str) -> None:
    """A site that answers nothing, errors or a login page for a day loses no post here, and the verdict is not `complete`."""
    desk.run("fetch", wordpress_small.url)
    before = desk.content()
    wordpress_small.play(play)
    for words in ((), ("--full",)):
        code, rows, _ = desk.run("fetch", wordpress_small.url, *words)
    assert rows[0]["verdict"] in {"partial", "failing"}, rows
    assert code in {3, 4}
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") == [(0,)]
    assert desk.content() == before
    wordpress_small.play(None)
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"]) == (0, "complete")


def test_mass_disappearance_asks(desk: Desk, wordpress_small: WordPress) -> None:
    """More than a tenth, and more than 20 posts at once: nothing is marked until an operator says that it is true."""
    desk.run("fetch", wordpress_small.url)
    events.delete(wordpress_small, *ids(wordpress_small)[:25])
    code, rows, _ = desk.run("fetch", wordpress_small.url)
    assert (code, rows[0]["verdict"], rows[0]["reason"]) == (3, "partial", "mass_disappearance")
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL") == [(0,)]
    code, rows, _ = desk.run("fetch", "--accept-gone", wordpress_small.url)
    assert (code, rows[0]["verdict"]) == (0, "complete")
    assert desk.ask("SELECT count(*) FROM posts WHERE gone_kind = 'erased'") == [(25,)]
    equals(desk, wordpress_small)


def test_terms_renamed_come_with_a_full_look(desk: Desk, wordpress_small: WordPress) -> None:
    """Nothing in REST tells of a renamed term; `--full`, and monthly a full look of itself, brings it."""
    desk.run("fetch", wordpress_small.url)
    category = truth(wordpress_small)[0].categories[0]
    events.rename_term(wordpress_small, "category", category.replace("&", "&amp;"), "Renamed")
    desk.run("fetch", wordpress_small.url, "--full")
    equals(desk, wordpress_small)
    assert desk.ask("SELECT count(*) FROM revisions") == [(0,)]


def test_custom_types_are_public_too(desk: Desk, wordpress_small: WordPress) -> None:
    """Every type that the site shows in REST, in namespaces of its own too, with its own taxonomies; no other."""
    wordpress_small.show_types()
    events.publish(wordpress_small, "A book", type="book")
    events.publish(wordpress_small, "A thing", type="thing")
    try:
        code, rows, _ = desk.run("fetch", wordpress_small.url)
        assert (code, rows[-2]["verdict"]) == (0, "complete")
        types = dict(desk.ask("SELECT type, count(*) FROM posts GROUP BY type"))
        assert {"post", "page", "book", "thing"} == set(types)
    finally:
        wordpress_small.reset()
