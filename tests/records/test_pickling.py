"""What travels between processes arrives as it was sent."""

import copy
import pickle
from dataclasses import dataclass, fields, replace

import pytest

from ingest import records
from ingest.records import Batch, Medium, PersonRef, PostLink, Reject, Request, TermRef
from ingest.records.pickling import by_position

BATCH = Batch(
    rejects=(Reject("broken", b"\0\xff", "post", "7"),),
    cursor={"v": 1, "todo": []},
    validators={"https://blog.example/feed/": ('"a"', None, None)},
    notes=("salvaged",),
    retry_after=60,
)
SENT = [
    BATCH,
    Medium("https://blog.example/a.jpg", "image", alt="a", caption="\ud800"),
    PostLink("https://blog.example/", "Home", internal=True),
    TermRef("category", "3", slug="news"),
    PersonRef(name="A. Author"),
    Request("https://blog.example/wp-json/", "index", {"state": {"todo": [1]}}, etag='"x"'),
]


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.parametrize("record", SENT, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_the_same(record: object, protocol: int) -> None:
    """Every field survives the way to another process, whatever is in it."""
    back = pickle.loads(pickle.dumps(record, protocol=protocol))  # noqa: S301  (our own)
    assert back == record
    assert type(back) is type(record)


def test_a_record_can_be_copied_and_changed() -> None:
    """Copies and replaced fields work on what is pickled by position."""
    assert copy.deepcopy(BATCH) == BATCH
    assert replace(BATCH, notes=()).rejects == BATCH.rejects


def test_a_field_that_is_not_compared_travels_too() -> None:
    """The packed payload of a post is on board, though it has no part in comparing posts."""
    empty = dict.fromkeys((field.name for field in fields(records.Post)), "")
    post = records.Post(**empty | {"packed": b"zlib"})  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(post)).packed == b"zlib"  # noqa: S301  (our own)


def test_a_record_of_one_field_is_refused() -> None:
    """Its one value would be taken for the tuple of all of them."""

    @dataclass(frozen=True, slots=True)
    class One:
        name: str

    with pytest.raises(TypeError, match="One has fewer than two fields"):
        by_position(One)
