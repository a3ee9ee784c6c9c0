"""The benchmarks' server says what it is believed to say: a figure over wrong answers is none."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

SERVING = Path(__file__).parent.parent / "benchmarks" / "serving.py"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server with two feeds and a WordPress of 250 posts."""
    told = json.dumps({"feeds": [2, 3, 500], "wordpress": 250})
    with subprocess.Popen(
        [sys.executable, str(SERVING), told], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the whole of 127.0.0.0/8")
def test_a_feed_is_packed_and_answers_304_until_it_has_news(port: int) -> None:
    """A feed has its entries and an ETag; the same ETag is answered by 304, and one entry of news changes it."""
    url = f"http://127.1.0.2:{port}/feed.xml"
    first = requests.get(url, timeout=10)
    assert first.headers["content-encoding"] == "gzip"
    assert first.text.count("<item>") == 3
    asked = {"If-None-Match": first.headers["etag"]}
    assert requests.get(url, headers=asked, timeout=10).status_code == 304
    requests.get(f"http://127.0.0.1:{port}/-/news?hosts=1&port={port}", timeout=10)
    assert requests.get(url, headers=asked, timeout=10).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the whole of 127.0.0.0/8")
def test_a_wordpress_shows_windows_of_its_posts_and_their_number(port: int) -> None:
    """Windows by offset, in order of the ids, hold every post once, with the fields asked for."""
    ids: list[int] = []
    for offset in (0, 100, 200):
        url = f"http://127.0.0.2:{port}/wp-json/wp/v2/posts"
        query = {"orderby": "id", "order": "asc", "per_page": "100", "offset": str(offset), "_fields": "id,title"}
        answer = requests.get(url, params=query, timeout=10)
        assert answer.headers["x-wp-total"] == "250"
        assert all(set(row) == {"id", "title"} for row in answer.json())
        ids += [row["id"] for row in answer.json()]
    assert ids == list(range(1, 251))
