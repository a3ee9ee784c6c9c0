"""An export as it is read, part by part: what earlier parts said that later ones need."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ingest import urls
from ingest.records import Item, SiteItem, Source
from ingest.sources.wxr.comments import comment_items
from ingest.sources.wxr.fields import Fields
from ingest.sources.wxr.items import PRIVATE, medium_item, post_item
from ingest.sources.wxr.names import Names

__all__ = ["PARTS", "Export"]

#: The children of the channel that are read; what else is there is passed over.
PARTS = frozenset(
    {"title", "link", "description", "language", "generator", "item"}
    | {f"wp:{name}" for name in ("base_site_url", "base_blog_url", "author", "category", "tag", "term")}
)
#: Types of the core and of common plugins that are no writing for readers: WordPress shows none of them by itself.
#: Orders, forms and their answers hold what readers told the owner, not the public.
_INTERNAL = re.compile(
    r"nav_menu_item|revision|custom_css|customize_changeset|oembed_cache|user_request"
    r"|wp_(?:block|template|template_part|global_styles|navigation|font_family|font_face)"
    r"|acf-(?:field|field-group|post-type|taxonomy|ui-options-page)|elementor_(?:library|snippet|font|icons)"
    r"|wpcf7_contact_form|flamingo_\w+|feedback|wpforms|mc4wp-form|scheduled-action|amp_validated_url"
    r"|shop_(?:order|order_refund|order_placehold|subscription|coupon|webhook)"
    r"|jetpack_migration|jp_(?:img_sitemap|sitemap|sitemap_master|sitemap_index|pay_order|vid_sitemap)"
)


class Export:
    """The state of one export."""

    def __init__(self, source: Source) -> None:
        self._private = bool(source.options.get("include_private"))
        #: Whether readers' comments are collected.
        self.comments = bool(source.options.get("comments"))
        self._channel: dict[str, str] = {}
        self._declared = source.home
        self._told = False
        self._names = Names()
        self._left_out: Counter[str] = Counter()
        #: Items seen, taken or not.
        self.posts = 0

    @property
    def home(self) -> str | None:
        """Home address of the site: as it was declared, else as the export gives it."""
        if self._declared:
            return self._declared
        for name in ("wp:base_blog_url", "wp:base_site_url", "link"):
            home = urls.absolute(self._channel.get(name, ""))
            if home:
                return home
        return None

    def take(self, part: Fields, raw: bytes, flags: tuple[str, ...]) -> Iterator[Item]:
        """The items that a part comes to; what it says of the whole is remembered."""
        name = part.name
        if name == "item":
            self.posts += 1
            yield from self.site()
            yield from self._item(part, raw, flags)
        elif name in {"wp:author", "wp:category", "wp:tag", "wp:term"}:
            found = self._names.take(part, self.home)
            if found is not None:
                yield found
        else:
            self._channel.setdefault(name, part.own)

    def site(self) -> Iterator[SiteItem]:
        """What the export says of its site, once, as soon as it is known."""
        home = self.home
        if home and not self._told:
            self._told = True
            channel = self._channel
            yield SiteItem(
                home,
                name=channel.get("title") or None,
                description=channel.get("description") or None,
                language=channel.get("language") or None,
                generator=channel.get("generator") or None,
            )

    def notes(self) -> tuple[str, ...]:
        """How many items were left out, and why: `left_out:draft:3`."""
        return tuple(f"left_out:{why}:{count}" for why, count in sorted(self._left_out.items()))

    def _item(self, item: Fields, raw: bytes, flags: tuple[str, ...]) -> Iterator[Item]:
        type_ = item.line("wp:post_type") or "post"
        status = item.line("wp:status") or "publish"
        if type_ == "attachment":
            medium = medium_item(item, self.home)
            if medium is not None and status in {"inherit", "publish"}:
                yield medium
            else:
                self._left_out[type_] += 1
        elif _INTERNAL.fullmatch(type_):
            self._left_out[type_] += 1
        elif status == "publish" or (self._private and status in PRIVATE):
            yield post_item(item, raw, self._names, self.home, flags=flags, private=self._private)
            if self.comments:
                yield from comment_items(item, self.home, private=self._private)
        else:
            self._left_out[status] += 1
