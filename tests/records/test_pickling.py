"""What travels between processes arrives as it was sent."""

import copy
import pickle
from dataclasses import dataclass, replace

import pytest

from ingest import records
from ingest.records import Batch, Medium, PersonRef, PostLink, Reject, Request, TermRef, flat, packed, unflat
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


@pytest.mark.parametrize("raw", [b"", b"x", b'{"id":1}' * 2000])
@pytest.mark.parametrize("terms", [None, (), (TermRef("category", "3", slug="news"), TermRef("post_tag"))])
def test_a_post_goes_as_plain_values(raw: bytes, terms: tuple[TermRef, ...] | None) -> None:
    """And comes back the same, with its payload packed."""
    rows = {
        "authors": (PersonRef(name="A. Author"),), "terms": terms, "outline": ((2, "Heading"),),
        "links": (PostLink("https://blog.example/", "Home", internal=True),) * 2, "media": (), "raw": raw,
    }  # fmt: skip
    post = records.Post(**{name: f"a {name}" for name in records.Post._fields} | rows)  # type: ignore[arg-type]
    sent = pickle.loads(pickle.dumps(flat(post)))  # noqa: S301  (our own)
    assert all(type(value) in {str, tuple} or value is None for value in sent)
    assert unflat(sent) == post._replace(raw=packed(raw))
    assert unflat(flat(unflat(sent))) == unflat(sent)
    assert pickle.loads(pickle.dumps(post)) == post  # noqa: S301  (our own)


def test_a_record_of_one_field_is_refused() -> None:
    """Its one value would be taken for the tuple of all of them."""

    @dataclass(frozen=True, slots=True)
    class One:
        name: str

    with pytest.raises(TypeError, match="One has fewer than two fields"):
        by_position(One)
