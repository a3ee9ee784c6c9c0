"""Every limit and wish that a client works under, in one place."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest import __version__
from ingest.errors import ConfigError, FetchError
from ingest.fetch.addresses import Target

__all__ = ["PROJECT", "Policy"]

#: Where a webmaster finds out who we are.
PROJECT = "https://github.com/blogcorpus/blogcorpus"


#: A proxy's address as it is taken: plain HTTP to the proxy, through which https goes as a tunnel (RFC 9110 §9.3.6).
PROXY = re.compile(r"http://(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?/?\Z")
#: The name of a header field (RFC 9110 §5.1) and the colon by which a secret says that it is one.
FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:")


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits of a client. Plain data; can be pickled."""

    #: An address or page where a webmaster reaches the operator; part of the User-Agent.
    contact: str = ""
    #: Seconds for one request in all: connection, TLS, redirects, body; waiting for the host's turn is not counted.
    deadline: float = 60.0
    #: Bytes of a body, on the wire as well as decoded.
    max_bytes: int = 20 * 2**20
    #: Redirects followed.
    redirects: int = 5
    #: Seconds between the end of one request to a host (name and port) and the start of the next.
    delay: float = 1.0
    #: Names, addresses and networks that may be reached although they are not public.
    allow_private: tuple[str, ...] = ()
    #: `ignore` leaves robots.txt unread.
    robots: Literal["respect", "ignore"] = "respect"
    #: The longest Crawl-delay of a robots.txt that is honoured, in seconds.
    longest_crawl_delay: float = 60.0
    #: Certificate authorities trusted beside the usual ones, a PEM file. Nothing turns verification off.
    ca_file: str | None = None
    #: A forward proxy, `http://host:port`, asked for everything; the environment never names one. The addresses of a
    #: host are resolved and checked all the same, before the proxy is asked, and the proxy itself is reached only at a
    #: public address or one that `allow_private` names.
    proxy: str | None = None
    #: Origin -> (user, password); ("", token) is a bearer token, ("X-Name:", value) a header of that name.
    secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        """ConfigError for what cannot be honoured; a secret that would travel unencrypted is the worst of it."""
        if self.robots not in {"respect", "ignore"}:
            raise ConfigError(f"robots must be 'respect' or 'ignore', not {self.robots!r}")
        if self.proxy is not None and not PROXY.match(self.proxy):
            raise ConfigError("the proxy must be http://host:port, without user and password")
        if not (self.contact.isascii() and self.contact.isprintable()):
            raise ConfigError("the contact must be printable ASCII: it is sent in the User-Agent header")
        for origin, (name, value) in self.secrets.items():
            if not origin.lower().startswith("https://"):
                raise ConfigError(f"the secret for {origin} would be sent unencrypted: only https origins may have one")
            basic = name and not name.endswith(":")
            if not basic and name and not FIELD_NAME.fullmatch(name):
                raise ConfigError(f"the secret for {origin} is for a header of a name that none can have")
            if not ((name + value).isprintable() and (basic or (name + value).isascii())):
                raise ConfigError(f"the secret for {origin} holds characters that fit no header")

    @property
    def user_agent(self) -> str:
        """Who we are and where to complain (RFC 9110 §10.1.5)."""
        return f"blogcorpus/{__version__} (+{PROJECT}{self.contact and '; '}{self.contact})"

    def credentials(self) -> dict[str, dict[str, str]]:
        """Origin as in `Target.origin` -> the headers that carry its secret; ConfigError for an unusable origin."""
        return {_origin(origin): _headers(*secret) for origin, secret in self.secrets.items()}


def _origin(origin: str) -> str:
    try:
        return Target.of(origin).origin
    except FetchError as error:
        raise ConfigError(f"a secret belongs to an origin such as https://example.org, not to {error.url}") from error


def _headers(name: str, value: str) -> dict[str, str]:
    if name.endswith(":"):
        return {name[:-1]: value}
    if not name:
        return {"Authorization": f"Bearer {value}"}
    pair = base64.b64encode(f"{name}:{value}".encode()).decode("ascii")
    return {"Authorization": f"Basic {pair}"}
