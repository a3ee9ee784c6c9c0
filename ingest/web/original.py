"""The original HTML of a post, out of its payload, made harmless: no script, no style, no frame, no image unasked."""

import io
from dataclasses import dataclass

from markupsafe import Markup

from ingest.charset import decode
from ingest.corpus import Corpus, rewrite
from ingest.errors import SourceError
from ingest.records import PostItem, Request, Response, Source
from ingest.sources import kind

__all__ = ["LARGE", "Original", "original"]

#: Bytes. What is larger is shown when it is asked for: sanitising takes 50 ms a megabyte.
LARGE = 500_000

_SCHEMES = {"http", "https", "mailto"}


@dataclass(frozen=True, slots=True)
class Original:
    """What the site sent as the body of a post."""

    #: Safe to be put into a page; None when it is large and was not asked for, or cannot be read any more.
    html: Markup | None
    #: Bytes of what was sent.
    size: int
    #: Images in it, shown or not.
    images: int = 0
    #: Why there is none.
    why: str = ""


def original(corpus: Corpus, number: int, *, images: bool = False, large: bool = False) -> Original | None:
    """The body of a post as it came; None for a post without a payload."""
    try:
        payload = rewrite.version(corpus.conn, number, None)
        if payload is None:
            return None
        if len(payload.raw) > LARGE and not large:
            return Original(None, len(payload.raw))
        body, is_text = _body(payload)
    except SourceError as error:
        return Original(None, 0, why=str(error))
    if is_text:
        return Original(Markup("<pre>{}</pre>").format(body), len(payload.raw))
    try:
        html, count = _clean(body, payload.url or payload.home, images=images)
    except ImportError:
        return Original(None, len(payload.raw), why="that needs nh3: pip install 'blogcorpus[web]'")
    return Original(html, len(payload.raw), count)


def _body(payload: rewrite.Held) -> tuple[str, bool]:
    """The body within a payload, and whether it is plain text. Raises SourceError where there is no such post in it."""
    if payload.kind == "page":
        return decode(payload.raw).text, False
    source = Source(
        payload.kind, payload.url or "", home=payload.home,
        options={"include_private": True, "gmt_offset": payload.gmt_offset},
    )  # fmt: skip
    document = Response(
        Request(payload.url or "payload", what="saved"), payload.url or "payload", 200,
        {"content-type": payload.format}, io.BytesIO(payload.raw),
    )  # fmt: skip
    found = [one for page in kind(payload.kind).read(source, document) for one in page.items]
    items = [one for one in found if isinstance(one, PostItem)]
    ours = [one for one in items if one.remote_id and (one.type, one.remote_id) == (payload.type, payload.remote_id)]
    ours = ours or [one for one in items if one.guid in payload.guids]
    ours = ours or [one for one in items if one.url == payload.url]
    if not items:
        raise SourceError(payload.url or "payload", "no post in what was sent")
    item = (ours or items)[0]
    return item.body or item.excerpt, item.is_text


def _clean(body: str, base: str | None, *, images: bool) -> tuple[Markup, int]:
    """Sanitised HTML, and how many images there are in it."""
    import nh3  # noqa: PLC0415  (Datasette loads us wherever it is; without the extra `web` it must not fail for that)

    count = 0

    def attribute(tag: str, name: str, value: str) -> str | None:
        nonlocal count
        if tag == "img" and name == "src":
            count += 1
            return value if images else None
        return value

    made = nh3.clean(
        body,
        tags=nh3.ALLOWED_TAGS - {"area", "map"},
        attribute_filter=attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        url_relative=("rewrite_with_base", base) if base and _absolute(base) else "deny",
        set_tag_attribute_values={"img": {"loading": "lazy", "referrerpolicy": "no-referrer"}},
    )
    return Markup(made), count  # noqa: S704  (what nh3 is for)


def _absolute(base: str) -> bool:
    """Whether relative addresses can be resolved against this; nh3 raises for what is no address."""
    if not base.lower().startswith(("http://", "https://")):
        return False
    try:
        import nh3  # noqa: PLC0415

        nh3.clean("", url_relative=("rewrite_with_base", base))
    except ValueError:
        return False
    return True
