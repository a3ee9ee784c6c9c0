"""The one word in which a run ends: what is announced against what is held."""

import pytest

from ingest.records import Announced, Gone, Verdict
from ingest.verdict import judge, together, without

HELD = {"post": frozenset({"1", "2"}), "page": frozenset({"9"})}
REJECTED = {("post", "12"), ("post", "3"), ("page", "4"), ("post", "1")}

#: what is announced, trouble, error -> the verdict; 3 and 12 are posts that were refused, 1 was and is held now.
CASES = {
    "all there": (Announced({"post": 2, "page": 1}), "", None, Verdict("complete")),
    "ids say which": (
        Announced({"post": 4}, {"post": frozenset({"1", "2", "10", "3"})}), "", None,
        Verdict("partial", "2 announced and not held", ("post/3", "post/10")),
    ),
    "a number alone: rejects of the type are named": (
        Announced({"post": 4, "page": 1}), "", None, Verdict("partial", "2 of type post not held", ("post/3", "post/12")),
    ),
    "fewer announced than held is nobody's loss": (Announced({"post": 1, "page": 1}), "", None, Verdict("complete")),
    "trouble, and what is known to be missing": (
        Announced({"post": 2}), "server_error", None, Verdict("partial", "server_error", ("page/4", "post/3", "post/12")),
    ),
    "nothing announced": (None, "", None, Verdict("unknown", "the source does not say what it has")),
    "no answer": (Announced({"post": 9}), "dns", "no such name", Verdict("failing", "no such name")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_announced_against_held(case: str) -> None:
    """One word, a reason, and the missing ids as far as anybody knows them."""
    announced, trouble, error, wanted = CASES[case]
    assert judge(announced, HELD, trouble=trouble, error=error, rejected=REJECTED) == wanted


def test_what_was_announced_in_the_course_of_a_run() -> None:
    """Totals as last said, ids united; nothing beside something is something."""
    first = Announced({"post": 3, "page": 1}, {"post": frozenset({"1"})})
    second = Announced({"post": 2}, {"post": frozenset({"2"})})
    assert together(first, second) == Announced({"post": 2, "page": 1}, {"post": frozenset({"1", "2"})})
    assert together(None, second) == together(second, None) == second


def test_what_is_gone_is_not_announced_any_more() -> None:
    """A post that was listed by hearsay and is found to be erased is not missing; one that nobody listed changes nothing."""
    said = Announced({"post": 3}, {"post": frozenset({"1", "2", "3"})})
    gone = [Gone("post", "3", "erased", "404"), Gone("post", "8", "erased", "404"), Gone("page", "1", "erased", "404")]
    assert without(said, gone) == Announced({"post": 2}, {"post": frozenset({"1", "2"})})
    assert without(None, gone) is None
