"""The plays and what they are to answer, as seen on live sites of their kind."""

from typing import Any

from .ask import POSTS

__all__ = ["PLAYED"]


# play, arguments, path, status, what the body holds, what the headers hold (an empty value: such a header is absent)
PLAYED: list[tuple[str, dict[str, Any], str, int, str, dict[str, str]]] = [
    ("rest_not_logged_in", {}, POSTS, 401, '"rest_not_logged_in"', {"content-type": "application/json"}),
    ("rest_cannot_access", {}, POSTS, 403, '"rest_cannot_access"', {}),
    ("rest_disabled", {"status": 404}, POSTS, 404, '"rest_disabled"', {}),
    ("rest_no_route", {}, POSTS, 404, '"rest_no_route"', {}),
    ("wp_die", {}, POSTS, 403, "<title>Forbidden</title>", {"content-type": "text/html"}),
    ("users_closed", {}, "/wp-json/wp/v2/users", 404, '"rest_no_route"', {}),
    ("users_closed", {"status": 401}, "/wp-json/wp/v2/users", 401, '"rest_user_cannot_view"', {}),
    ("firewall", {}, POSTS, 403, "<center>nginx</center>", {}),
    ("firewall", {}, "/?rest_route=/wp/v2/posts", 200, '[{"id":', {}),
    ("challenge", {}, "/", 403, "Just a moment...", {"cf-mitigated": "challenge"}),
    ("login_wall", {}, POSTS, 200, "<form", {"content-type": "text/html"}),
    ("bom", {}, POSTS, 200, '\ufeff[{"id":', {"content-type": "application/json"}),
    ("bom", {}, "/feed/", 200, "\ufeff<?xml", {}),
    ("blank_lines", {}, POSTS, 200, '\n\r\n\n[{"id":', {}),
    ("php_warning", {}, POSTS, 200, "<br />\n<b>Warning</b>:  Undefined", {"content-type": "application/json"}),
    ("cache_comment", {}, POSTS, 200, "]\n<!-- Cached by", {}),
    ("html_type", {}, POSTS, 200, '[{"id":', {"content-type": "text/html"}),
    ("no_totals", {}, POSTS, 200, '[{"id":', {"x-wp-total": "", "x-wp-totalpages": "", "link": "<"}),
    ("no_totals", {}, POSTS + "&_envelope=1&_fields=id", 200, '"X-WP-Total":40', {"x-wp-total": ""}),
    ("wrong_totals", {"add": 5}, POSTS, 200, '[{"id":', {"x-wp-total": "45"}),
    ("per_page_cap", {"cap": 20}, POSTS + "&per_page=21", 400, "must be between 1 (inclusive) and 20 (inclusive)", {}),
    ("ignores_fields", {}, POSTS + "&_fields=id", 200, '"content":', {}),
    ("ignores_modified_after", {}, POSTS + "&modified_after=2099-01-01T00:00:00Z", 200, '[{"id":', {}),
    ("ignores", {"params": "include,order"}, POSTS + "&include=1", 200, '[{"id":', {"x-wp-total": "40"}),
    ("empty", {}, POSTS, 200, "[]", {"x-wp-total": "0"}),
    ("down", {}, "/feed/", 500, "critical error", {"content-type": "text/html"}),
    ("rest_prefix", {}, "/api/wp/v2/posts", 200, '[{"id":', {}),
    ("rest_prefix", {}, "/wp-json/wp/v2/posts", 404, "<html", {"link": "/api/>; rel="}),
    ("plain_permalinks", {}, "/wp-json/", 200, "<html", {"link": "/index.php?rest_route=/>; rel="}),
    ("hidden_discovery", {}, "/", 200, "<html", {"link": ""}),
    ("junk", {"how": "php"}, POSTS, 200, "<?php", {"content-type": "application/json"}),
    ("feed_off", {}, "/feed/", 403, "No feed", {}),
    ("sitemap_off", {}, "/wp-sitemap.xml", 404, "", {}),
    ("robots", {}, "/robots.txt", 200, "Disallow: /\n", {}),
    ("plugin_keys", {}, POSTS, 200, '"yoast_head_json":{"title"', {}),
    ("feed_summary", {}, "/feed/", 200, "<description>", {}),
]
