"""What went wrong, in the field's words: any error of the network stack as a FetchError."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions

from ingest.errors import FetchError

__all__ = ["NETWORK_ERRORS", "fault"]

#: All that requests, urllib3, http.client, ssl and the sockets raise when the other side is at fault.
NETWORK_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)

# In the order in which they decide: the stack wraps one error in another, and the innermost knows best.
KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
    (ssl.SSLCertVerificationError, "tls", "the certificate is not valid for this host ({})"),
    (urllib3.exceptions.ReadTimeoutError, "too_slow", "the host stopped sending"),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), "truncated", "the connection was closed before it was secure"),
    (ssl.SSLError, "tls", "no secure connection ({})"),
    (
        (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead, urllib3.exceptions.InvalidChunkLength),
        "truncated",
        "the answer ended too early",
    ),
    (ConnectionError, "truncated", "the connection was closed before the answer was complete"),
    (urllib3.exceptions.InvalidHeader, "bad_http", "contradictory headers ({})"),
    (http.client.LineTooLong, "bad_http", "a line of the header is too long"),
    (http.client.BadStatusLine, "bad_http", "this is not HTTP"),
    (http.client.HTTPException, "bad_http", "this is not HTTP ({})"),
    (OSError, "truncated", "the connection failed ({})"),
)


def fault(url: str, error: BaseException) -> FetchError:
    """`error`, raised by the network stack while `url` (redacted) was fetched, as a FetchError."""
    chain = list(_chain(error))
    # RequestException is an OSError, and says nothing of its own.
    inner = [part for part in chain if not isinstance(part, requests.RequestException)]
    for types, kind, cause in KINDS:
        for part in inner:
            if isinstance(part, types):
                return FetchError(url, kind, cause.format(_said(part)))
    return FetchError(url, "bad_http", f"the answer cannot be read ({_said(chain[-1])})")


def _chain(error: BaseException, depth: int = 8) -> Iterator[BaseException]:
    """`error` and what it was made from: arguments, reasons, causes."""
    yield error
    if depth:
        inner = [*error.args, getattr(error, "reason", None), error.__cause__, error.__context__]
        for part in inner:
            if isinstance(part, BaseException) and part is not error:
                yield from _chain(part, depth - 1)


def _said(error: BaseException) -> str:
    """The last line of what `error` says, without our own details such as `(_ssl.c:1006)`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError) and error.reason:
        return str(error.reason).lower().replace("_", " ")
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return " ".join(text.split())[:120]
