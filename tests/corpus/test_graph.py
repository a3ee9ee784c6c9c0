"""Who links to whom: a link finds its post under every name that somebody says it has, whenever that post comes."""

import pytest

from ingest import normalise
from ingest.corpus import Corpus, RunWriter, forget, sites
from ingest.records import Batch, Post, PostItem, SiteItem
from ingest.research.annotate import after_run
from tests.corpus.making import AT, HOME, load, modified, post, source


def linking(remote_id: str, *addresses: str, **wishes: object):
    """A post with a link to each of these addresses."""
    body = "".join(f'<p>See <a href="{address}">there</a>.</p>' for address in addresses)
    return post(remote_id, body, title=f"Post {remote_id}", **wishes)


def elsewhere(corpus: Corpus, remote_id: str, home: str, *addresses: str, path: str = "/x/") -> None:
    """Load a post of another site with these links."""
    body = "".join(f'<p>See <a href="{address}">there</a>.</p>' for address in addresses)
    item = PostItem(
        type="post", remote_id=remote_id, title="Elsewhere", body=body, rank="rest", raw=body.encode() + b"x",
        format="application/json", url=home + path, home=home,
    )  # fmt: skip
    made = normalise.post(item, source(home=home))
    assert isinstance(made, Post)
    RunWriter(corpus, "load").apply(source(home=home), Batch(posts=(made,)), AT)


def targets(corpus: Corpus, remote_id: str = "1") -> list[str | None]:
    """The site's own ids of the posts that the links of a post lead to."""
    rows = corpus.rows(
        "SELECT t.remote_id FROM links l JOIN posts p ON p.id = l.post_id LEFT JOIN posts t ON t.id = l.target_post_id"
        " WHERE p.remote_id = ? ORDER BY l.n",
        [remote_id],
    )
    return [row["remote_id"] for row in rows]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://blog.example/2/", True),
        ("http://www.blog.example/2", True),
        ("https://blog.example/2/?utm_source=feed&utm_medium=rss#more", True),
        ("//blog.example/2/#comments", True),
        ("/2/", True),
        ("https://blog.example/?p=77", True),
        ("http://blog.example/?p=77&fbclid=x", True),
        ("https://blog.example/?p=2", False),
        ("https://blog.example/?page_id=77", False),
        ("https://blog.example/2/feed/", False),
        ("https://blog.example/", False),
        ("https://other.example/2/", False),
        ("mailto:ada@blog.example", False),
    ],
)
def test_the_names_of_a_post(corpus: Corpus, address: str, found: bool) -> None:
    """Scheme, `www.`, slash, fragment and tracking aside; `?p=N` by the guid that says so, never by the number."""
    load(corpus, linking("1", address), linking("2", guid="https://blog.example/?p=77"))
    after_run(corpus)
    assert targets(corpus) == ["2" if found else None]


def test_a_post_that_comes_later_is_found(corpus: Corpus) -> None:
    """A link waits for its post; one that moves to another address is found under both."""
    load(corpus, linking("1", f"{HOME}/2/", f"{HOME}/moved/"))
    after_run(corpus)
    assert targets(corpus) == [None, None]
    load(corpus, linking("2"))
    after_run(corpus)
    assert targets(corpus) == ["2", None]
    load(corpus, linking("2", url=f"{HOME}/moved/", modified=modified(9)))
    after_run(corpus)
    assert targets(corpus) == ["2", "2"]


def test_a_path_that_two_posts_bear_is_nobodys(corpus: Corpus) -> None:
    """A name that does not identify finds nothing, also when it did before."""
    load(corpus, linking("1", f"{HOME}/2/"), linking("2"))
    after_run(corpus)
    assert targets(corpus) == ["2"]
    load(corpus, linking("3", url=f"{HOME}/2/"))
    after_run(corpus)
    assert targets(corpus) == [None]


def test_links_that_change_are_read_again(corpus: Corpus) -> None:
    """After an edit the links are those of the new body."""
    load(corpus, linking("1", f"{HOME}/2/"), linking("2"), linking("3"))
    after_run(corpus)
    load(corpus, linking("1", f"{HOME}/3/", f"{HOME}/2/", modified=modified(9)))
    after_run(corpus)
    assert targets(corpus) == ["3", "2"]


def test_a_site_that_comes_later(corpus: Corpus) -> None:
    """Links to a host nobody held are links to that site's posts from when it is held on."""
    load(corpus, linking("1", "https://later.example/about/", "https://later.example/x/"))
    after_run(corpus)
    rows = corpus.rows("SELECT target_site, target_path FROM links ORDER BY n")
    assert rows == [{"target_site": "later.example", "target_path": None}] * 2
    elsewhere(corpus, "8", "https://later.example", path="/about/")
    after_run(corpus)
    assert targets(corpus) == ["8", None]
    assert [row["target_path"] for row in corpus.rows("SELECT target_path FROM links ORDER BY n")] == ["/about", "/x"]


def test_sites_that_share_a_host(corpus: Corpus) -> None:
    """The deepest site that an address lies in is the one it leads to."""
    with corpus.transaction() as conn:
        for home in ("https://host.example", "https://host.example/blog"):
            sites.keep_site(conn, SiteItem(home), AT)
    addresses = ("https://host.example/blog/a/", "https://host.example/blogging/", "https://host.example/blog")
    load(corpus, linking("1", *addresses))
    after_run(corpus)
    found = [row["target_site"] for row in corpus.rows("SELECT target_site FROM links ORDER BY n")]
    assert found == ["host.example/blog", "host.example", "host.example/blog"]


def test_nothing_is_read_twice(corpus: Corpus) -> None:
    """A second call changes not one row; a call that is stopped before the end is made good by the next one."""
    load(corpus, linking("1", f"{HOME}/2/", "https://out.example/"), linking("2", f"{HOME}/1/"))
    after_run(corpus, lambda: True)
    assert targets(corpus) == [None, None]
    after_run(corpus)
    assert targets(corpus) == ["2", None]
    before = corpus.conn.total_changes
    after_run(corpus)
    assert corpus.conn.total_changes == before


def test_who_links_to_whom(corpus: Corpus) -> None:
    """Sites by their links to other sites, in the corpus or not; posts by the links to them, their own aside."""
    load(corpus, linking("1", f"{HOME}/1/", f"{HOME}/2/", "https://out.example/a", "https://www.out.example/b"))
    load(corpus, linking("2", "https://out.example/c"), linking("3", f"{HOME}/2/"))
    elsewhere(corpus, "9", "https://other.example", f"{HOME}/2/?utm_source=x", f"{HOME}/none/")
    after_run(corpus)
    assert [tuple(row.values()) for row in corpus.rows("SELECT * FROM links_between_sites ORDER BY links DESC")] == [
        ("blog.example", "out.example", 0, 3, 2),
        ("other.example", "blog.example", 1, 2, 1),
    ]
    rows = corpus.rows("SELECT title, links, sites FROM most_linked")
    assert rows == [{"title": "Post 2", "links": 3, "sites": 1}]


def test_a_forgotten_post_is_linked_to_no_more(corpus: Corpus) -> None:
    """Whoever is forgotten cannot be found by the links of others."""
    load(corpus, linking("1", f"{HOME}/2/"), linking("2"))
    after_run(corpus)
    number = corpus.rows("SELECT id FROM posts WHERE remote_id = '2'")[0]["id"]
    forget.forget(corpus, [number], "asked to", AT)
    load(corpus, linking("3", f"{HOME}/2/"))
    after_run(corpus)
    assert targets(corpus, "3") == [None]
    assert targets(corpus) == [None]
