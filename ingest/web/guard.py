"""What a browser is told it may do with our pages, whatever a corpus holds."""

from collections.abc import Awaitable, Callable
from typing import Any

from ingest.web import corpora

__all__ = ["headers", "wrapped"]

#: Nothing but our style sheet: no script, no frame, no image, no font, no request to anywhere.
_OURS = (
    "default-src 'none'; style-src 'self'; img-src {images}; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
#: Datasette's own pages need their scripts; what they show may still load nothing from elsewhere.
_DATASETTE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Callable[[], Awaitable[Message]], Send], Awaitable[None]]


def headers(*, images: bool = False) -> dict[str, str]:
    """The headers of a page of ours; `images`: the reader asked for those of a post, wherever they lie."""
    return {
        "Content-Security-Policy": _OURS.format(images="'self' http: https:" if images else "'self'"),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def wrapped(datasette: Any) -> Callable[[App], App]:
    """Datasette's pages of a corpus get a policy too; those of other databases are left as they are."""

    def wrap(app: App) -> App:
        async def guarded(scope: dict[str, Any], receive: Callable[[], Awaitable[Message]], send: Send) -> None:
            if scope["type"] != "http" or not _ours(datasette, scope["path"]):
                await app(scope, receive, send)
                return

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    told = list(message.get("headers", []))
                    if not any(name.lower() == b"content-security-policy" for name, _ in told):
                        told.append((b"content-security-policy", _DATASETTE.encode()))
                    message = {**message, "headers": told}
                await send(message)

            await app(scope, receive, sent)

        return guarded

    return wrap


def _ours(datasette: Any, path: str) -> bool:
    """Whether a path is a corpus's, or all there is to see is a corpus."""
    if corpora.alone(datasette) is not None:
        return True
    roots = [datasette.urls.database(name) for name in corpora.names(datasette)]
    return any(path == root or path.startswith((f"{root}/", f"{root}.", f"{root}?")) for root in roots)
