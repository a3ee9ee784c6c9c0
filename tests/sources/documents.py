"""Cases as folders: `tests/data/<kind>/<case>/document.*` and what reading it must give, in `expected.json`."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ParseError
from ingest.records import Page, PostItem, Request, Response, Source
from ingest.sources import kind

DATA = Path(__file__).parent.parent / "data"


def cases(name: str) -> list[Path]:
    """The folders of a kind."""
    found = sorted(path for path in (DATA / name).iterdir() if (path / "expected.json").exists())
    assert found, f"no cases for {name}"
    return found


def saved(name: str, body: bytes, *, home: str | None = None, **options: Any) -> list[Page]:
    """The pages of a saved document."""
    document = Response(Request("saved file", what="saved"), "saved file", 200, {}, io.BytesIO(body))
    return list(kind(name).read(Source(name, "saved file", home=home, options=options), document))


def served(request: Request, body: bytes, *, status: int = 200, url: str | None = None, **headers: str) -> Response:
    """An answer over the network."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(request, url or request.url, status, named, io.BytesIO(body))


def posts(pages: list[Page]) -> list[PostItem]:
    """The posts on these pages."""
    return [item for page in pages for item in page.items if isinstance(item, PostItem)]


def check(name: str, case: Path) -> None:
    """Read the case's document, and compare what is expected with what came: fields that are not named do not count."""
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    document = next(case.glob("document.*")).read_bytes()
    assert kind(name).claims(document[:4096]) is expected.get("claims", True)
    options = expected.get("options", {})
    if "error" in expected:
        with pytest.raises(ParseError) as raised:
            saved(name, document, home=expected.get("home"), **options)
        assert expected["error"] in raised.value.cause, raised.value.cause
        return
    pages = saved(name, document, home=expected.get("home"), **options)
    items = [item for page in pages for item in page.items]
    assert [type(item).__name__ for item in items] == [item["is"] for item in expected["items"]], items
    for item, wanted in zip(items, expected["items"], strict=True):
        shown = plain(item)
        for key in wanted.keys() - {"is"}:
            assert shown.get(key) == wanted[key], f"{key}: {shown.get(key)!r}, not {wanted[key]!r}"
    assert sorted(note for page in pages for note in page.notes) == sorted(expected.get("notes", []))
    assert pages[-1].trouble == expected.get("trouble", "")


def plain(value: Any) -> Any:
    """A record as JSON has it, without what is empty."""
    if hasattr(value, "_asdict"):
        return {key: plain(v) for key, v in value._asdict().items() if v is not None}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {key: plain(v) for key, v in named.items() if v is not None}
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
