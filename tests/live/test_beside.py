"""What stands beside the words: comments, the library, and every key of a post in its payload."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.corpus import Corpus
from ingest.corpus.read import find_post, payload
from tests.live.looking import Desk
from tests.wordpress import events
from tests.wordpress.server import WordPress
from tests.wordpress.truth import truth

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress-more")]

#: What a visitor may read: approved comments of posts that are public and not protected.
PUBLIC = (
    "SELECT c.comment_ID AS id, c.comment_post_ID AS post, c.comment_author AS author, c.comment_parent AS parent"
    " FROM wp_comments c JOIN wp_posts p ON p.ID = c.comment_post_ID WHERE c.comment_approved = '1'"
    " AND p.post_status = 'publish' AND p.post_password = '' ORDER BY c.comment_ID"
)


def told(desk: Desk) -> list[tuple[Any, ...]]:
    """The comments held, as PUBLIC names them."""
    return desk.ask(
        "SELECT CAST(c.remote_id AS INTEGER), CAST(p.remote_id AS INTEGER), c.author,"
        " CAST(coalesce(c.parent, '0') AS INTEGER) FROM comments c JOIN posts p ON p.id = c.post_id ORDER BY 1"
    )


def test_comments_only_where_they_are_asked_for(desk: Desk, wordpress_small: WordPress, tmp_path: Path) -> None:
    """People's names are not collected by accident; with `comments = true` every one that a visitor reads is held."""
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    assert desk.ask("SELECT count(*) FROM comments") == [(0,)]
    assert not any("/comments?" in request.target for request in wordpress_small.requests())
    config = tmp_path / "sources.toml"
    config.write_text(f'[[source]]\nurl = "{wordpress_small.url}"\ncomments = true\n')
    other = Desk(tmp_path / "other")
    other.folder.mkdir()
    code, rows, _ = other.run("fetch", "--config", config)
    assert (code, rows[-2]["verdict"]) == (0, "complete")
    wanted = [(row["id"], row["post"], row["author"], row["parent"]) for row in wordpress_small.sql(PUBLIC)]
    assert told(other) == [(int(a), int(b), c, int(d)) for a, b, c, d in wanted]
    assert len(wanted) > 3
    ((text,),) = other.ask("SELECT text FROM comments ORDER BY id LIMIT 1")
    assert text.startswith("Comment 0 on ")
    assert "<" not in text
    events.comment(wordpress_small, wanted[0][1], "And another one.", author="Late")
    events.publish(wordpress_small, "News, so that there is something to look for")
    assert other.run("fetch", "--config", config, wordpress_small.url)[0] == 0
    assert [row[2] for row in told(other)][-1] == "Late"


def test_the_library_is_held_without_its_files(desk: Desk, wordpress_small: WordPress) -> None:
    """Title, alternative text, size and address of every attachment; no picture is fetched."""
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    rows = desk.ask(
        "SELECT title, alt, mime, kind, width, height, url FROM media WHERE remote_id IS NOT NULL ORDER BY id"
    )
    assert [row[:6] for row in rows] == [
        ("loaf", "Alt of loaf", "image/jpeg", "image", 800, 600),
        ("sea & sky", "Alt of sea & sky", "image/jpeg", "image", 800, 600),
    ]
    assert all(row[6].startswith(wordpress_small.url) for row in rows)
    assert not any(request.target.endswith((".jpg", ".png")) for request in wordpress_small.requests())


def test_every_key_of_a_post_stays_in_its_payload(desk: Desk, wordpress_small: WordPress) -> None:
    """Featured image, format, sticky, parent, template and what plugins add; rendered duplicates are not asked for."""
    wordpress_small.play("plugin_keys")
    assert desk.run("fetch", wordpress_small.url)[0] == 0
    held: dict[str, list[dict[str, Any]]] = {"post": [], "page": []}
    with Corpus(desk.db) as corpus:
        for post in truth(wordpress_small):
            ((doc_id,),) = desk.ask(
                "SELECT doc_id FROM posts WHERE type = ? AND remote_id = ?", post.type, str(post.id)
            )
            held[post.type].append(json.loads(payload(corpus, find_post(corpus, doc_id))[1]))
    posts, pages = held["post"], held["page"]
    assert {"featured_media", "format", "sticky", "template", "meta", "acf", "yoast_head_json"} <= posts[0].keys()
    assert not {"_links", "yoast_head"} & posts[0].keys()
    assert {p["format"] for p in posts} == {"standard", "aside"}
    assert {p["sticky"] for p in posts} == {True, False}
    assert any(p["featured_media"] for p in posts)
    assert any(p["parent"] for p in pages)
    assert posts[3]["acf"] == {"serving": posts[3]["id"] % 7}
