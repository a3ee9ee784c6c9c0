"""Who links to whom: where every link of the corpus leads, and to which post of it.

A link is read once (`target_site`, `target_path`), and resolved against the names that the posts of its site go by:
again whenever these have changed, so that a post which comes later is found by the links that were there before it.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from ingest import urls

__all__ = ["moved", "places", "read", "resolve", "unresolved"]

#: The names a post can be linked by.
_NAMES = (
    "SELECT s.id, s.site, coalesce((SELECT count(*) || '/' || sum(a.post_id) FROM aliases a WHERE a.site_id = s.id"
    " AND a.kind IN ('path', 'url', 'guid')), '') || ' ' || (SELECT group_concat(host, ' ') FROM"
    " (SELECT host FROM site_hosts h WHERE h.site_id = s.id ORDER BY host)) AS told, t.names"
    " FROM sites s LEFT JOIN linked_sites t ON t.site_id = s.id"
    " WHERE EXISTS (SELECT 1 FROM site_hosts h WHERE h.site_id = s.id) AND told IS NOT t.names"
)
#: The only post of a site that bears a path; forgotten ones bear none.
_BY_PATH = (
    "UPDATE links SET target_post_id = (SELECT CASE WHEN min(a.post_id) = max(a.post_id) THEN min(a.post_id) END"
    " FROM aliases a WHERE a.site_id = ?1 AND a.kind = 'path' AND a.value = links.target_path)"
    " WHERE target_site = ?2 AND instr(target_path, '?') = 0"
    " AND target_post_id IS NOT (SELECT CASE WHEN min(a.post_id) = max(a.post_id) THEN min(a.post_id) END"
    " FROM aliases a WHERE a.site_id = ?1 AND a.kind = 'path' AND a.value = links.target_path)"
)

#: Host without `www.` -> number and key of each site that answers there, the longest key first.
Places = dict[str, list[tuple[int, str]]]


def places(conn: sqlite3.Connection) -> Places:
    """The sites of this corpus by their hosts."""
    found: Places = {}
    rows = conn.execute("SELECT h.host, s.id, s.site FROM site_hosts h JOIN sites s ON s.id = h.site_id").fetchall()
    for host, number, site in sorted(rows, key=lambda row: (-len(row[2]), row[2])):
        held = found.setdefault(urls.site_of(host), [])
        if (number, site) not in held:
            held.append((number, site))
    return found


def read(conn: sqlite3.Connection, known: Places, limit: int) -> bool:
    """Note of some links not looked at yet where they lead; False when none is left.

    In one transaction with that, the sites they lead to are marked as unresolved.
    """
    rows = conn.execute("SELECT post_id, n, url FROM links WHERE target_site IS NULL LIMIT ?", [limit]).fetchall()
    hosts: dict[str, str] = {}
    told = [(*_led(url, known, hosts), post_id, n) for post_id, n, url in rows]
    conn.executemany(
        "UPDATE links SET target_site = ?, target_path = ?, target_post_id = NULL WHERE post_id = ? AND n = ?", told
    )
    conn.executemany(
        "UPDATE linked_sites SET names = substr(names, instr(names, ' '))"
        " WHERE site_id = (SELECT id FROM sites WHERE site = ?)",
        [(site,) for site in sorted({site for site, path, _, _ in told if path is not None})],
    )
    return bool(rows)


def _led(url: str, known: Places, hosts: dict[str, str]) -> tuple[str, str | None]:
    """The site or host that an address leads to, and the path there if this corpus holds the site."""
    if url.startswith("mailto:"):
        return "", None
    authority = url.split("/", 3)[2] if url.count("/") >= 2 else url
    host = hosts.get(authority)
    if host is None:
        host = hosts[authority] = urls.site_of(urls.origin_of(url))
    if host not in known:
        return host, None
    path = urls.permalink_path(url)
    return _within(known[host], f"{host}{path}"), path


def _within(sites: list[tuple[int, str]], address: str) -> str:
    """Of several sites on a host the deepest one that the address is in; the shallowest where it is in none."""
    for _, site in sites:
        if address == site or address.startswith((f"{site}/", f"{site}?")):
            return site
    return sites[-1][1]


def unresolved(conn: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """Number, key and names in short of each site that the links into are not resolved against what it has now."""
    return [row[:3] for row in conn.execute(_NAMES)]


def moved(conn: sqlite3.Connection, known: Places) -> None:
    """Have links read again where a site has come, or answers under another host: they may lead to another site."""
    for number, _, names, before in conn.execute(_NAMES).fetchall():
        hosts = names[names.index(" ") :]
        if hosts == (before or "")[(before or " ").index(" ") :]:
            continue
        for host in {urls.site_of(one) for one in hosts.split()}:
            for key in {host, *(site for _, site in known.get(host, ()))}:
                conn.execute("UPDATE links SET target_site = NULL WHERE target_site = ?", [key])
        conn.execute("INSERT OR REPLACE INTO linked_sites (site_id, names) VALUES (?, ?)", [number, hosts])


def resolve(conn: sqlite3.Connection, number: int, site: str, names: str) -> None:
    """Find the posts that the links into a site lead to, whose `names` `unresolved` has told."""
    conn.execute(_BY_PATH, [number, site])
    rows = conn.execute(
        "SELECT post_id, n, target_path, target_post_id FROM links WHERE target_site = ? AND instr(target_path, '?')",
        [site],
    ).fetchall()
    hosts = [row[0] for row in conn.execute("SELECT host FROM site_hosts WHERE site_id = ?", [number])] if rows else []
    for post_id, n, path, target in rows:
        found = _bearer(conn, number, hosts, path)
        if found != target:
            conn.execute("UPDATE links SET target_post_id = ? WHERE post_id = ? AND n = ?", [found, post_id, n])
    conn.execute("INSERT OR REPLACE INTO linked_sites (site_id, names) VALUES (?, ?)", [number, names])


def _bearer(conn: sqlite3.Connection, number: int, hosts: Collection[str], path: str) -> int | None:
    """The only post whose path, guid or address this is: the number in `?p=23` alone may be another post's."""
    addresses = list(dict.fromkeys(islice(_written(hosts, path), 200)))
    marks = ", ".join("?" * len(addresses))
    rows = conn.execute(
        "SELECT DISTINCT post_id FROM aliases WHERE site_id = ? AND ((kind = 'path' AND value = ?)"
        f" OR (kind IN ('guid', 'url') AND value IN ({marks}))) LIMIT 2",
        [number, path, *addresses],
    ).fetchall()
    return int(rows[0][0]) if len(rows) == 1 else None


def _written(hosts: Iterable[str], path: str) -> Iterator[str]:
    """The ways an address with a query is written: scheme, `www.`, and a slash before the question mark aside."""
    before, _, query = path.partition("?")
    for host in hosts:
        for name in (host, f"www.{host}", host.removeprefix("www.")):
            for scheme in ("http", "https"):
                yield f"{scheme}://{name}{before}?{query}"
                yield f"{scheme}://{name}{before.rstrip('/')}/?{query}"
