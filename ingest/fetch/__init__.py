"""The only door to the network: polite, bounded, safe (design §7).

    with Fetcher(Policy(contact="me@example.org"), log=fetches.append) as fetcher:
        response = fetcher.get(Request("https://example.org/feed/"))

- `policy`      every limit and wish, in one frozen record
- `client`      one request from its first address to its last byte: robots, turn, redirects, log
- `addresses`   the one parser of addresses, the table of special ranges, what the operator allows
- `names`       the system's resolver, bounded in time
- `wire`        sockets under one deadline, connections to checked addresses, TLS always verified
- `answer`      status, header and framing of what comes back
- `body`        bounded decoding
- `faults`      what the network stack raises, in the field's words
- `politeness`  one request at a time and a pause between two; Retry-After and backoff as pure functions
- `robots`      robots.txt, read by Protego, remembered for a day

What is named here is loaded when it is asked for: the client is 40 ms of a start, and many who ask for the policy, or
leave secrets out of an address, send nothing.
"""

from typing import TYPE_CHECKING

from ingest.later import later

if TYPE_CHECKING:
    from ingest.fetch.addresses import redact
    from ingest.fetch.client import Fetcher
    from ingest.fetch.names import Resolver
    from ingest.fetch.policy import PROJECT, Policy
    from ingest.fetch.politeness import HostGate, Stopped, backoff, retry_after
    from ingest.fetch.robots import RobotsCache, RobotsText, allowed

__all__ = [
    "PROJECT",
    "Fetcher",
    "HostGate",
    "Policy",
    "Resolver",
    "RobotsCache",
    "RobotsText",
    "Stopped",
    "allowed",
    "backoff",
    "redact",
    "retry_after",
]

__getattr__ = later(
    __name__,
    {
        "PROJECT": "policy",
        "Fetcher": "client",
        "HostGate": "politeness",
        "Policy": "policy",
        "Resolver": "names",
        "RobotsCache": "robots",
        "RobotsText": "robots",
        "Stopped": "politeness",
        "allowed": "robots",
        "backoff": "politeness",
        "redact": "addresses",
        "retry_after": "politeness",
    },
)
