"""How a run of a source ended, in one word: what the site announces against what is held.

`complete`: everything the site announces is held. `partial`: something announced is not. `failing`: the source did
not answer, or not as a source. `unknown`: the site announces nothing to measure against.
"""

from collections.abc import Collection, Iterable, Mapping

from ingest.records import Announced, Gone, LeftOut, Verdict

__all__ = ["judge", "together", "without"]

_NONE: Mapping[str, frozenset[str]] = {}


def judge(
    announced: Announced | None, held: Mapping[str, frozenset[str]], *, trouble: str = "", error: str | None = None,
    rejected: Collection[tuple[str, str]] = (), before: Mapping[str, frozenset[str]] = _NONE,
) -> Verdict:  # fmt: skip
    """`held`: type -> remote ids held and not gone. `trouble`: why the look was not whole, one word.

    `rejected`: type and remote id of posts known and not stored: they are named where only a number is announced.
    `before`: those of `held` that no number counts, because they are older than what the source was asked for.
    """
    if error is not None:
        return Verdict("failing", error)
    missing = _missing(announced, held) if announced else ()
    known = _named((name, number) for name, number in rejected if number not in held.get(name, ()))
    if trouble:
        return Verdict("partial", trouble, missing or known)
    if announced is None or not (announced.totals or announced.ids):
        return Verdict("unknown", "the source does not say what it has")
    if missing:
        return Verdict("partial", f"{len(missing)} announced and not held", missing)
    counted = {name: len(ids - before.get(name, frozenset())) for name, ids in held.items()}
    short = {
        name: total - counted.get(name, 0)
        for name, total in announced.totals.items()
        if name not in announced.ids and total > counted.get(name, 0)
    }
    if short:
        reason = ", ".join(f"{count} of type {name} not held" for name, count in sorted(short.items()))
        return Verdict("partial", reason, tuple(one for one in known if one.partition("/")[0] in short))
    return Verdict("complete")


def _missing(announced: Announced, held: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    return _named(
        (name, remote_id) for name, ids in announced.ids.items() for remote_id in ids - held.get(name, frozenset())
    )


def _named(absent: Iterable[tuple[str, str]]) -> tuple[str, ...]:
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


def without(announced: Announced | None, gone: Iterable[Gone | LeftOut]) -> Announced | None:
    """What a site announced, less what turned out later in the run to be gone (rejects are asked last) or too old."""
    if announced is None:
        return None
    totals, ids = dict(announced.totals), dict(announced.ids)
    for one in gone:
        if one.remote_id in ids.get(one.type, ()):
            ids[one.type] -= {one.remote_id}
            totals[one.type] = max(totals.get(one.type, 0) - 1, len(ids[one.type]))
    return Announced(totals, ids)
