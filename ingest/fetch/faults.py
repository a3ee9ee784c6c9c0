"""What went wrong, in the field's words: any error of sockets, TLS and HTTP as a FetchError."""

from __future__ import annotations

import http.client
import ssl

from ingest.errors import FetchError
from ingest.fetch.answer import Unfit

__all__ = ["NETWORK_ERRORS", "fault"]

#: All that http.client, ssl and the sockets raise when the other side is at fault.
NETWORK_ERRORS = (http.client.HTTPException, OSError)

# The first that fits decides; some are both, as a connection that is closed before the status line.
KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
    (ssl.SSLCertVerificationError, "tls", "the certificate is not valid for this host ({})"),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), "truncated", "the connection was closed before it was secure"),
    (ssl.SSLError, "tls", "no secure connection ({})"),
    (http.client.IncompleteRead, "truncated", "the answer ended too early"),
    (ConnectionError, "truncated", "the connection was closed before the answer was complete"),
    (Unfit, "bad_http", "{}"),
    (http.client.LineTooLong, "bad_http", "a line of the header is too long"),
    (http.client.BadStatusLine, "bad_http", "this is not HTTP"),
    (http.client.HTTPException, "bad_http", "this is not HTTP ({})"),
)


def fault(url: str, error: BaseException) -> FetchError:
    """`error`, one of NETWORK_ERRORS raised while `url` (redacted) was fetched, as a FetchError."""
    for types, kind, cause in KINDS:
        if isinstance(error, types):
            return FetchError(url, kind, cause.format(_said(error)))
    return FetchError(url, "truncated", f"the connection failed ({_said(error)})")


def _said(error: BaseException) -> str:
    """The last line of what `error` says, without our own details such as `(_ssl.c:1006)`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError) and error.reason:
        return str(error.reason).lower().replace("_", " ")
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return " ".join(text.split())[:120]
