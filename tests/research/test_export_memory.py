"""An export takes no more memory for more posts: rows are written as they come."""

import tracemalloc
from pathlib import Path

import pytest

from ingest.research.export import KINDS
from ingest.research.export.downloads import DOWNLOADS
from ingest.research.files import Tree
from tests.research.exporting import DATA, rows

MEGABYTE = 2**20


@pytest.mark.parametrize("form", DATA)
def test_a_hundred_megabytes_pass_through_a_few(tmp_path: Path, form: str) -> None:
    """Python's own memory at its highest; Parquet lets 32 million characters wait for their year, and makes columns of them."""
    with Tree(tmp_path) as tree:
        if form == "parquet":
            import pyarrow.parquet  # noqa: F401  (its import is no part of this)
        tracemalloc.start()
        KINDS[form].write(tree, rows(100, MEGABYTE))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < (60 if form == "parquet" else 12) * MEGABYTE


@pytest.mark.parametrize("form", DOWNLOADS)
def test_so_does_a_download(form: str) -> None:
    """A piece at a time."""
    tracemalloc.start()
    size = sum(map(len, DOWNLOADS[form].pieces(rows(100, MEGABYTE))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > MEGABYTE / 10
    assert peak < 12 * MEGABYTE


def test_more_years_than_a_process_may_have_files(tmp_path: Path) -> None:
    """A hostile site has posts of every year: those not written to for long are closed, and go on in a next file."""
    import pyarrow.parquet as pq

    told = [row | {"published_at": f"{n % 300:04}-01-01T00:00:00Z"} for n, row in enumerate(rows(900, 200_000))]
    with Tree(tmp_path) as tree:
        KINDS["parquet"].write(tree, told)
    folder = tmp_path / "posts"
    assert len(list(folder.iterdir())) == 300
    assert len(tree.files) > 300
    found = [row for path in folder.rglob("*.parquet") for row in pq.ParquetFile(path).read(["doc_id"]).to_pylist()]
    assert sorted(row["doc_id"] for row in found) == [row["doc_id"] for row in told]
