"""What the database of a WordPress site says is public: the answer that a corpus of it is held against."""

import html
import json
from collections import defaultdict
from dataclasses import dataclass

from .server import WordPress

__all__ = ["Truth", "truth"]

_POSTS = """
    SELECT p.ID AS id, p.post_type AS type, p.post_title AS title, p.post_content AS content, p.post_status AS status,
           CAST(p.post_date AS CHAR) AS date, CAST(p.post_date_gmt AS CHAR) AS date_gmt,
           CAST(p.post_modified AS CHAR) AS modified, CAST(p.post_modified_gmt AS CHAR) AS modified_gmt,
           p.post_password <> '' AS protected, p.guid, p.post_name AS slug, u.display_name AS author
    FROM wp_posts p LEFT JOIN wp_users u ON u.ID = p.post_author
    WHERE p.post_status = 'publish' AND p.post_type IN ({types}) ORDER BY p.ID
"""
_TERMS = """
    SELECT r.object_id AS id, x.taxonomy, t.name
    FROM wp_term_relationships r
    JOIN wp_term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id
    JOIN wp_terms t ON t.term_id = x.term_id
    WHERE x.taxonomy IN ('category', 'post_tag') ORDER BY r.object_id, t.name
"""
_LINKS = """
    $links = array();
    foreach ( json_decode( $args[0] ) as $id ) { $links[ $id ] = get_permalink( $id ); }
    echo json_encode( $links );
"""


@dataclass(frozen=True, slots=True)
class Truth:
    """A public post: title and content as stored, times as `YYYY-MM-DD HH:MM:SS`, names as a reader sees them."""

    id: int
    type: str
    title: str
    content: str
    status: str
    date: str
    date_gmt: str
    modified: str
    modified_gmt: str
    protected: bool
    guid: str
    slug: str
    link: str
    author: str | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]


def truth(site: WordPress, types: tuple[str, ...] = ("post", "page")) -> list[Truth]:
    """Every public post of `types`, protected ones too, in the order of their ids.

    `link` is the one thing that only WordPress itself can tell (get_permalink); all else is read from the database.
    """
    rows = site.sql(_POSTS.format(types=", ".join(f"'{name}'" for name in types)))
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    for term in site.sql(_TERMS):
        names[term["id"], term["taxonomy"]].append(html.unescape(term["name"]))
    links = json.loads(site.php(_LINKS, json.dumps([row["id"] for row in rows])) or "{}") or {}
    return [
        Truth(
            **{**row, "protected": bool(row["protected"])},
            link=links[str(row["id"])],
            categories=tuple(names[row["id"], "category"]),
            tags=tuple(names[row["id"], "post_tag"]),
        )
        for row in rows
    ]
