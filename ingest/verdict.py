"""How a run of a source ended, in one word: what the site announces against what is held.

`complete`: everything the site announces is held. `partial`: something announced is not. `failing`: the source did
not answer, or not as a source. `unknown`: the site announces nothing to measure against.
"""

from collections.abc import Mapping

from ingest.records import Announced, Verdict

__all__ = ["judge", "together"]


def judge(
    announced: Announced | None, held: Mapping[str, frozenset[str]], *, trouble: str = "", error: str | None = None
) -> Verdict:
    """`held`: type -> remote ids held and not gone. `trouble`: why the look was not whole, one word."""
    if error is not None:
        return Verdict("failing", error)
    missing = _missing(announced, held) if announced else ()
    if trouble:
        return Verdict("partial", trouble, missing)
    if announced is None or not (announced.totals or announced.ids):
        return Verdict("unknown", "the source does not say what it has")
    if missing:
        return Verdict("partial", f"{len(missing)} announced and not held", missing)
    short = {
        name: total - len(held.get(name, ()))
        for name, total in announced.totals.items()
        if name not in announced.ids and total > len(held.get(name, ()))
    }
    if short:
        return Verdict(
            "partial", ", ".join(f"{count} of type {name} not held" for name, count in sorted(short.items()))
        )
    return Verdict("complete")


def _missing(announced: Announced, held: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    absent = [
        (name, remote_id) for name, ids in announced.ids.items() for remote_id in ids - held.get(name, frozenset())
    ]
    return tuple(
        f"{name}/{remote_id}" for name, remote_id in sorted(absent, key=lambda one: (one[0], len(one[1]), one[1]))
    )


def together(first: Announced | None, second: Announced | None) -> Announced | None:
    """What a site announced in the course of a run: totals as last said, ids united."""
    if first is None or second is None:
        return first or second
    ids = {
        name: first.ids.get(name, frozenset()) | second.ids.get(name, frozenset()) for name in {*first.ids, *second.ids}
    }
    return Announced({**first.totals, **second.totals}, ids)
