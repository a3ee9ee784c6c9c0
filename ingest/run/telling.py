"""What is said of a source, and when: once when it breaks, once when it heals. Pure.

cron mails whatever a run prints. Under `-q --fail-on new` a run therefore prints nothing of a source that is as the
operator was told, and it prints one line when that changes:

- **broke**: it was well, and is `partial` or `failing` now;
- **worse**: it was told to be `partial`, and is `failing` now;
- **healed**: it was told to be one or the other, and is `complete`, or `unknown` after a look that went well.

What counts is what was *told*, not the verdict of the run before: between the two may lie a run that was stopped, one
in which the host asked to be left alone, or one that was killed before its line was out. `failing`, `partial`,
`failing` again is one story and is told once. A run that did not get to look (`stopped`, `skipped`) tells nothing and
changes nothing. So one story is three mails at most, however long it lasts and whatever its reasons are in turn.
"""

from collections.abc import Sequence

from ingest.run.result import SourceResult

__all__ = ["exit_status", "key", "news", "standing", "sums_up", "tells"]

_LEVEL = {"": 0, "partial": 1, "failing": 2}
#: Reasons of a run that did not get to look: the first word of them.
_NO_LOOK = frozenset({"stopped", "deadline", "skipped", "killed"})


def key(result: SourceResult) -> str:
    """What `told` knows a source by: its number; for an address that could not be made a source, the address."""
    return str(result.source) if result.source is not None else result.url


def standing(result: SourceResult) -> str | None:
    """How a source stands after its run: `failing`, `partial`, empty when it is well; None when nobody looked."""
    if result.error is not None or result.verdict == "failing":
        return "failing"
    if result.reason.replace(":", " ").split(" ", 1)[0] in _NO_LOOK:
        return None
    return "partial" if result.verdict == "partial" else ""


def news(result: SourceResult, told: str) -> tuple[str, str]:
    """What is new of a source, and what the operator is told of it from then on.

    `told`: `partial`, `failing`, or empty when it was told to be well, or nothing yet. The first of the two that come
    out is `broke`, `worse`, `healed`, or empty.
    """
    stands = standing(result)
    if stands is None or _LEVEL[stands] == _LEVEL[told]:
        return "", told
    if not stands:
        return "healed", ""
    if _LEVEL[stands] < _LEVEL[told]:
        return "", told
    return ("worse" if told else "broke"), stands


def tells(result: SourceResult, new: str, fail_on: str, *, quiet: bool) -> bool:
    """Whether a line is printed of a source. `new`: what `news` said; `fail_on`: `any`, `new`, `all`, `never`.

    Without `quiet` always. With it: under `any` what is not well, every time; under `new` the news, healing included;
    under `all` and `never` nothing (`sums_up` has a word when all failed).
    """
    if not quiet:
        return True
    if fail_on == "new":
        return bool(new)
    return fail_on == "any" and bool(standing(result))


def sums_up(fail_on: str, status: int, *, quiet: bool) -> bool:
    """Whether the run's one line is printed at its end: not with `quiet`, but when all failed and no line told it."""
    return not quiet or (fail_on == "all" and status != 0)


def exit_status(told: Sequence[tuple[SourceResult, str]], fail_on: str) -> int:
    """0, 3 or 4 (design §8) for the sources of a run and what is new of each.

    Under `new` only what broke or got worse in this run counts: 4 when that is every source of the run and all are
    failing, else 3; what healed is no failure. Under `all` it is 4 or 0.
    """
    if fail_on == "never" or not told:
        return 0
    counted = [result for result, new in told if fail_on != "new" or new in {"broke", "worse"}]
    stands = [standing(result) for result in counted]
    if len(stands) == len(told) and all(word == "failing" for word in stands):
        return 4
    return 3 if fail_on != "all" and any(stands) else 0
