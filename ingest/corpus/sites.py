"""Rows of `sites` and `site_hosts`: which blog an address belongs to."""

import sqlite3
from functools import lru_cache

from ingest import normalise, urls
from ingest.records import SiteItem

__all__ = ["keep_site", "key_of", "site_of_host", "site_row"]


#: Of the sites whose pages come now.
_host = lru_cache(256)(urls.host_of)


@lru_cache(256)
def key_of(home: str) -> str:
    """Key of the site with this home address. Kept: a source's pages all name the same one."""
    return normalise.site_key(home)


def site_row(conn: sqlite3.Connection, site: str, home: str | None, at: str) -> int:
    """Row of the site with this key, made when it is new."""
    row = conn.execute("SELECT id, home FROM sites WHERE site = ?", [site]).fetchone()
    if row is None:
        row = conn.execute(
            "INSERT INTO sites (site, home, first_seen_at) VALUES (?, ?, ?) RETURNING id, home", [site, home, at]
        ).fetchone()
    elif home and not row[1]:
        conn.execute("UPDATE sites SET home = ? WHERE id = ?", [home, row[0]])
    if home and (host := _host(home)):
        conn.execute(
            "INSERT OR IGNORE INTO site_hosts (site_id, host, first_seen_at) VALUES (?, ?, ?)", [row[0], host, at]
        )
    return int(row[0])


def keep_site(conn: sqlite3.Connection, item: SiteItem, at: str, *, home: str | None = None) -> int:
    """Store what a site says of itself; what it does not say stays as it was. `home` overrules its own word."""
    address = home or item.home
    site_id = site_row(conn, key_of(address), address, at)
    said = {
        "name": normalise.plain_line(item.name or "") or None,
        "description": normalise.plain_line(item.description or "") or None,
        "language": item.language,
        "timezone": item.timezone,
        "gmt_offset": item.gmt_offset,
        "generator": item.generator,
    }
    told = {name: value for name, value in said.items() if value is not None}
    if told:
        conn.execute(
            f"UPDATE sites SET {', '.join(f'{name} = ?' for name in told)} WHERE id = ?"
            f" AND ({', '.join(told)}) IS NOT ({', '.join('?' * len(told))})",
            [*told.values(), site_id, *told.values()],
        )
    return site_id


def site_of_host(conn: sqlite3.Connection, host: str) -> str | None:
    """Key of the only site that answers under a host; None where there is none, or several."""
    rows = conn.execute(
        "SELECT DISTINCT s.site FROM site_hosts h JOIN sites s ON s.id = h.site_id WHERE h.host = ? LIMIT 2", [host]
    ).fetchall()
    return rows[0][0] if len(rows) == 1 else None
