"""What the benchmarks' server serves: feeds and one WordPress, generated, the same in every run.

Texts are sentences drawn from a pool whose words have a frequency of 1/rank, as in a language; the markup is what the
block editor leaves. An answer is made once and kept packed, so that serving it again costs next to nothing.
"""

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

__all__ = ["Answer", "Feeds", "WordPress", "address", "number"]

EPOCH = datetime(2020, 1, 1, 9, tzinfo=UTC)
PER_BLOCK = 250


def address(host: int) -> str:
    """The address of the host with this number: 127.1.0.1, 127.1.0.2 and so on."""
    return f"127.{1 + host // PER_BLOCK**2}.{host // PER_BLOCK % PER_BLOCK}.{host % PER_BLOCK + 1}"


def number(host: str) -> int:
    """The number of the host with this address."""
    _, high, middle, low = (int(part) for part in host.split("."))
    return (high - 1) * PER_BLOCK**2 + middle * PER_BLOCK + low - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent; `body` is packed by gzip, and empty where there is none."""

    body: bytes = b""
    status: str = "200 OK"
    type: str = "text/plain; charset=UTF-8"
    etag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def packed(text: str, type_: str, **more: Any) -> Answer:
    """An answer that holds `text`."""
    return Answer(gzip.compress(text.encode(), 4, mtime=0), type=f"{type_}; charset=UTF-8", **more)


# ---- texts ------------------------------------------------------------------------------------------------

#: How a word, or the few behind it, may be marked up; what real posts have most of comes more than once.
_INLINE: Sequence[Callable[[str], str]] = (
    "<strong>{}</strong>".format, "<em>{}</em>".format, "&#8220;{}&#8221;".format, "{}&#8217;s".format,
    "{}&#8217;t".format, "{} &#8211;".format, "{}&nbsp;&amp;".format, "{}&#8230;".format, "{}&nbsp;".format,
    '<a href="https://elsewhere.example/{0}/?from=blog" target="_blank" rel="noreferrer noopener">{0}</a>'.format,
    '<span style="font-weight: 400;">{}</span>'.format, "{}<br />\n".format,
)  # fmt: skip


@cache
def sentences(size: int = 12_000) -> tuple[str, ...]:
    """Sentences of 8 to 22 words, most of them with inline markup or entities."""
    dice, letters = random.Random(8), "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(dice.choices(letters[: 8 + n % 18], k=2 + n % 9)) for n in range(40_000)]
    weights = list(accumulate(1 / (n + 10) for n in range(len(words))))
    made = []
    for _ in range(size):
        chosen = dice.choices(words, cum_weights=weights, k=dice.randint(8, 22))
        for at in {dice.randrange(len(chosen)) for _ in range(dice.randint(0, 3))}:
            chosen[at] = dice.choice(_INLINE)(chosen[at])
        made.append(" ".join(chosen).capitalize() + ".")
    return tuple(made)


def html(seed: int, size: int) -> str:
    """A post's body of about `size` characters.

    Made to the measure of 1,537 real WordPress bodies: twice as long as their text, 1.6 tags, 0.06 links, 0.04 pictures
    and half an entity to every hundred characters.
    """
    dice, pool, parts, length = random.Random(seed), sentences(), [], 0
    while length < size:
        kind = dice.random()
        block = " ".join(dice.choices(pool, k=dice.randint(1, 3)))
        if kind < 0.6:
            part = f"<p>{block}</p>\n"
        elif kind < 0.72:
            part = (
                f'<div class="wp-block-group"><div class="wp-block-column is-layout-flow"><p>{block}</p></div></div>\n'
            )
        elif kind < 0.78:
            part = f'<h2 class="wp-block-heading">{dice.choice(pool)[:60].split("<")[0].split("&")[0]}</h2>\n'
        elif kind < 0.83:
            items = "".join(f"<li>{one}</li>\n" for one in dice.choices(pool, k=3))
            part = f'<ul class="wp-block-list">\n{items}</ul>\n'
        else:
            part = _picture(dice.randrange(10**6), dice.choice(pool) if dice.random() < 0.5 else "")
        parts.append(part)
        length += len(part)
    return "".join(parts)


def _picture(n: int, caption: str) -> str:
    """An image as the block editor leaves it."""
    sizes = ((300, 200), (768, 512), (1024, 683), (1536, 1024))
    srcset = ", ".join(f"/wp-content/uploads/2020/03/picture-{n}-{w}x{h}.jpg {w}w" for w, h in sizes)
    said = f'<figcaption class="wp-element-caption">{caption}</figcaption>' if caption else ""
    return (
        f'<figure class="wp-block-image size-large"><img decoding="async" width="1024" height="683"'
        f' src="/wp-content/uploads/2020/03/picture-{n}-1024x683.jpg" alt="Picture {n}" class="wp-image-{n}"'
        f' srcset="{srcset}" sizes="(max-width: 1024px) 100vw, 1024px" />{said}</figure>\n'
    )


def title(seed: int) -> str:
    """A title of a few words."""
    return " ".join(sentences()[seed % 12_000].split("<")[0].split("&")[0].split()[:6]) + f" {seed}"


# ---- feeds ------------------------------------------------------------------------------------------------


class Feeds:
    """A feed on every host: RSS 2.0 with `content:encoded`, an ETag, and nothing else on the host but robots.txt."""

    def __init__(self, count: int, entries: int, size: int) -> None:
        """`count` feeds of `entries` entries of `size` characters each."""
        self.count, self.entries, self.size = count, entries, size
        #: How many entries were published on a host since the beginning.
        self.news: dict[int, int] = {}
        self._made: dict[tuple[int, int], Answer] = {}

    def answer(self, host: int, origin: str, path: str) -> Answer | None:
        """What `path` on this host is; None when nothing is there."""
        if path != "/feed.xml":
            return None
        key = host, self.news.get(host, 0)
        if key not in self._made:
            self._made[key] = self._feed(host, origin, key[1])
        return self._made[key]

    def _feed(self, host: int, origin: str, news: int) -> Answer:
        items = "".join(self._item(host, origin, n) for n in range(self.entries + news - 1, news - 1, -1))
        home = f"http://{origin}/"
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
            ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<channel><title>Blog {host}</title><link>{home}</link><description>About {host}</description>"
            f"<language>en</language>{items}</channel></rss>"
        )
        return packed(text, "application/rss+xml", etag=f'"{host}-{news}"')

    def _item(self, host: int, origin: str, n: int) -> str:
        seed, at = host * 1000 + n, format_datetime(EPOCH + timedelta(days=n, minutes=host))
        body = html(seed, self.size)
        return (
            f"<item><title>{escape(title(seed))}</title><link>http://{origin}/{n}/</link>"
            f'<guid isPermaLink="false">http://{origin}/?p={n}</guid><pubDate>{at}</pubDate>'
            f"<dc:creator>Author {seed % 3}</dc:creator><category>Category {seed % 7}</category>"
            f"<category>Tag {seed % 50}</category><description>{escape(sentences()[seed % 12_000])}</description>"
            f"<content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
        )


# ---- WordPress --------------------------------------------------------------------------------------------

_API = "/wp-json/wp/v2/"


class WordPress:
    """A WordPress of `count` posts, about 10 kB of JSON each, as far as a client may ask of it."""

    def __init__(self, count: int, size: int = 6000) -> None:
        self.count, self.size = count, size
        self._made: dict[str, Answer] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def answer(self, origin: str, path: str) -> Answer | None:
        """What `path`, with its query, is; None when nothing is there."""
        if path not in self._made:
            made = self._answer(f"http://{origin}", path)
            if made is None:
                return None
            self._made[path] = made
        return self._made[path]

    def _answer(self, home: str, path: str) -> Answer | None:
        parts = urlsplit(path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/":
            link = f'<{home}/wp-json/>; rel="https://api.w.org/"'
            return packed("<!DOCTYPE html><title>Blog</title><p>Blog</p>", "text/html", headers={"Link": link})
        if parts.path == "/feed/":
            return packed(self._feed(home), "application/rss+xml", etag='"feed"')
        if parts.path == "/wp-json/":
            told = {"name": "Blog", "description": "", "url": home, "home": home, "gmt_offset": 0,
                    "timezone_string": "", "namespaces": ["wp/v2"], "routes": {}}  # fmt: skip
            return self._json(_fields(told, query))
        if not parts.path.startswith(_API):
            return None
        return self._route(home, parts.path.removeprefix(_API), query)

    def _route(self, home: str, route: str, query: Mapping[str, str]) -> Answer | None:
        if route == "types":
            return self._json({name: {"slug": name, "name": name, "rest_base": base, "rest_namespace": "wp/v2"}
                               for name, base in (("post", "posts"), ("page", "pages"))})  # fmt: skip
        if route == "taxonomies":
            return self._json({name: {"slug": name, "name": name, "rest_base": base, "rest_namespace": "wp/v2"}
                               for name, base in (("category", "categories"), ("post_tag", "tags"))})  # fmt: skip
        if route not in _ROWS:
            return None
        if route not in self._rows:
            self._rows[route] = [_ROWS[route](self, home, n) for n in range(1, self._count(route) + 1)]
        rows = self._rows[route]
        if "include" in query or "include[]" in query:
            wanted = {int(one) for one in (query.get("include") or "0").split(",")}
            rows = [row for row in rows if row["id"] in wanted]
        if query.get("orderby") != "id" or query.get("order") != "asc":
            rows = rows[::-1]
        size = int(query.get("per_page", 10))
        start = int(query.get("offset", 0)) or (int(query.get("page", 1)) - 1) * size
        heads = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // size))}
        return self._json([_fields(row, query) for row in rows[start : start + size]], heads)

    def _count(self, route: str) -> int:
        return {"posts": self.count, "pages": 10, "categories": 20, "tags": 200, "users": 5, "media": 100}[route]

    def _json(self, told: object, heads: Mapping[str, str] | None = None) -> Answer:
        text = json.dumps(told, separators=(",", ":")).replace("/", "\\/")  # as PHP writes it
        return packed(text, "application/json", headers=heads or {})

    def _feed(self, home: str) -> str:
        items = "".join(
            f"<item><title>{n}</title><link>{home}/{n}/</link><guid>{home}/?p={n}</guid></item>"
            for n in range(self.count, self.count - 10, -1)
        )
        head = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title><link>{home}</link>'
        return f"{head}{items}</channel></rss>"

    def _post(self, home: str, n: int) -> dict[str, Any]:
        at, body, name = (EPOCH + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%S"), html(n, self.size), title(n)
        link, excerpt = f"{home}/{n}/", f"<p>{sentences()[n % 12_000]}</p>\n"
        return {
            "id": n, "date": at, "date_gmt": at, "guid": {"rendered": f"{home}/?p={n}"}, "modified": at,
            "modified_gmt": at, "slug": f"post-{n}", "status": "publish", "type": "post", "link": link,
            "title": {"rendered": name}, "content": {"rendered": body, "protected": False},
            "excerpt": {"rendered": excerpt, "protected": False}, "author": n % 5 + 1, "featured_media": n % 100 + 1,
            "comment_status": "open", "ping_status": "open", "sticky": False, "template": "", "format": "standard",
            "meta": {"footnotes": ""}, "categories": [n % 20 + 1], "tags": [n % 200 + 1, (n * 7) % 200 + 1],
            "class_list": [f"post-{n}", "type-post", "status-publish", "hentry", f"category-{n % 20}"],
            "yoast_head_json": {"title": name, "description": excerpt * 4, "canonical": link, "schema": {
                "@graph": [{"@type": "Article", "@id": f"{link}#{m}", "headline": name, "wordCount": 900, "author":
                            {"name": f"Author {n % 5}", "@id": f"{home}/#/schema/person/{n % 5}"}} for m in range(8)]}},
            "_links": {"self": [{"href": f"{home}{_API}posts/{n}"}], "collection": [{"href": f"{home}{_API}posts"}]},
        }  # fmt: skip

    def _page(self, home: str, n: int) -> dict[str, Any]:
        return {**self._post(home, n + self.count), "type": "page", "categories": [], "tags": []}

    def _term(self, home: str, n: int) -> dict[str, Any]:
        name = f"term-{n}"
        return {"id": n, "count": 1, "description": "", "link": f"{home}/{name}/", "name": name, "slug": name,
                "taxonomy": "post_tag", "parent": 0, "meta": []}  # fmt: skip

    def _category(self, home: str, n: int) -> dict[str, Any]:
        return {**self._term(home, n), "taxonomy": "category", "name": f"Category {n}"}

    def _user(self, home: str, n: int) -> dict[str, Any]:
        return {"id": n, "name": f"Author {n}", "url": "", "description": "", "link": f"{home}/author/{n}/",
                "slug": f"author-{n}"}  # fmt: skip

    def _medium(self, home: str, n: int) -> dict[str, Any]:
        at = EPOCH.strftime("%Y-%m-%dT%H:%M:%S")
        return {"id": n, "date": at, "date_gmt": at, "guid": {"rendered": f"{home}/wp-content/{n}.jpg"}, "post": n,
                "title": {"rendered": f"Picture {n}"}, "alt_text": "", "caption": {"rendered": ""},
                "media_type": "image", "mime_type": "image/jpeg", "media_details": {"width": 800, "height": 600},
                "source_url": f"{home}/wp-content/{n}.jpg"}  # fmt: skip


_ROWS: Mapping[str, Callable[[WordPress, str, int], dict[str, Any]]] = {
    "posts": WordPress._post, "pages": WordPress._page, "categories": WordPress._category, "tags": WordPress._term,  # noqa: SLF001
    "users": WordPress._user, "media": WordPress._medium,  # noqa: SLF001
}  # fmt: skip


def _fields(row: Mapping[str, Any], query: Mapping[str, str]) -> Mapping[str, Any]:
    """The keys of `row` that `_fields` asks for."""
    if "_fields" not in query:
        return row
    wanted = set(query["_fields"].split(","))
    return {name: value for name, value in row.items() if name in wanted}
