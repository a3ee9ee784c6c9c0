"""Decoding once gives what decoding twice gives: the soundness of the whole, and each element with its own text."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.sources.wordpress.values import Decoder, Value

BLANKS = st.text(" \t\n\r", max_size=2)
KEYS = st.sampled_from(['"a"', '"b"', '"a\\u0062"', '"\\\\"', '"\\":"', '":"', '""'])
SCALARS = st.sampled_from(
    ["1", "-0.5e3", "true", "null", "NaN", "-Infinity", '""', '":"', '"\\""', '"{\\"a\\":1,\\"a\\":2}"', '"é\\ud800"', "1" * 60]
)  # fmt: skip


def _object(pairs: list[tuple[str, str, str, str]]) -> str:
    return "{" + ",".join(f"{before}{key}{after}:{value}" for before, key, after, value in pairs) + "}"


VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(st.tuples(BLANKS, KEYS, BLANKS, inner), max_size=4).map(_object)
        | st.lists(inner, max_size=4).map(lambda some: f"[{', '.join(some)}]")
    ),
    max_leaves=12,
)
LISTS = st.tuples(BLANKS, st.lists(st.tuples(BLANKS, VALUES, BLANKS), max_size=5)).map(
    lambda made: f"[{made[0]}" + ",".join(map("".join, made[1])) + "]"
)


def _by_hook(text: str) -> tuple[Any, bool]:
    """A value by a hook that looks at each object, and whether one of them names a key twice."""
    doubled = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in found]
        doubled.extend(key for key in keys if keys.count(key) > 1)
        return dict(found)

    return json.loads(text, object_pairs_hook=pairs, parse_constant=lambda _: None), bool(doubled)


@given(LISTS | VALUES, st.text(" \n]x", max_size=2))
@example("[]", "")
@example("[ ]", "")
@example('[{"a":{"b":1,"b":1}},{"a":1}]', "")
def test_what_is_sound_is_found_once(text: str, behind: str) -> None:
    """Every element as by itself, its text, and its doubled keys; where the whole ends."""
    decoder = Decoder(text + behind)
    found, end = decoder.sound(0)
    assert end == len(text)
    whole, doubled = _by_hook(text)
    assert [data for data, *_ in found] == (whole if text.startswith("[") else [whole])
    assert any(twice for *_, twice in found) == doubled
    for span in found:
        value = decoder.value(span, ("salvaged",))
        data, twice = _by_hook(value.raw.decode("utf-8", "surrogatepass"))
        assert value == Value(data, value.raw, ("salvaged", "duplicate_keys") if twice else ("salvaged",))


@settings(max_examples=300)
@given(
    LISTS,
    st.integers(0, 200),
    st.sampled_from(["", ",", "]", "[", "}", '"', "\ufeff", "x", ":", "01"]),
    st.integers(0, 3),
)
@example("[1,2]", 4, ",", 0)
def test_what_is_not_sound_is_not(text: str, at: int, put: str, gone: int) -> None:
    """Damaged anywhere in any way: it is refused if the standard library refuses it."""
    at %= len(text)
    damaged = text[:at] + put + text[at + gone :]
    try:
        _, whole = json.JSONDecoder().raw_decode(damaged, 0)
    except ValueError:
        whole = -1
    try:
        _, end = Decoder(damaged).sound(0)
    except ValueError:
        end = -1
    assert end == whole
