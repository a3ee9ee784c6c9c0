"""What a payload weighs, packed in different ways: zlib, zstd, and both with a dictionary.

    python benchmarks/compression.py FOLDER

FOLDER holds saved REST answers, lists or single objects, as `*.json` or `*.jsonl.gz` of rows with a field `raw`. It
needs `zstandard`, in an environment of its own. Dictionaries are trained on one half of the sites, used on the other.
"""

import gzip
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard


def objects(file: Path) -> Iterator[bytes]:
    """The posts of a file, each by its own bytes."""
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            texts = [json.loads(line).get("raw", "") for line in stream]
    else:
        texts = [file.read_text(encoding="utf-8")]
    for text in texts:
        try:
            told = json.loads(text)
        except ValueError:
            continue
        for one in told if isinstance(told, list) else [told]:
            if isinstance(one, dict) and isinstance(one.get("content"), dict):
                yield json.dumps(one, ensure_ascii=True, separators=(",", ":")).encode()


def zlib_with(level: int, dictionary: bytes = b"") -> Callable[[bytes], bytes]:
    """zlib, as the standard library has it."""

    def pack(data: bytes) -> bytes:
        maker = zlib.compressobj(level, zdict=dictionary) if dictionary else zlib.compressobj(level)
        return maker.compress(data) + maker.flush()

    return pack


def main() -> None:
    """Print a line a way."""
    files = sorted(p for p in Path(sys.argv[1]).iterdir() if p.suffix in {".json", ".gz"})
    train = [one for file in files[::2] for one in objects(file)]
    held = [one for file in files[1::2] for one in objects(file)]
    large = zstandard.train_dictionary(64 * 1024, train)
    small = zstandard.train_dictionary(32 * 1024, train).as_bytes()
    plain = zstandard.ZstdCompressor(level=3)
    taught = zstandard.ZstdCompressor(level=3, dict_data=large)
    ways: dict[str, Callable[[bytes], bytes]] = {
        "zlib 6": zlib_with(6), "zlib 3": zlib_with(3), "zlib 1": zlib_with(1),
        "zlib 6 + 32 KiB dictionary": zlib_with(6, small), "zlib 1 + 32 KiB dictionary": zlib_with(1, small),
        "zstd 3": plain.compress, "zstd 3 + 64 KiB dictionary": taught.compress,
    }  # fmt: skip
    whole = sum(map(len, held))
    print(f"{len(train):,} posts to learn from, {len(held):,} held out, {whole / len(held):,.0f} bytes each")
    for name, pack in ways.items():
        begun = time.process_time()
        size = sum(len(pack(one)) for one in held)
        each = (time.process_time() - begun) / len(held) * 1e6
        print(f"{name:28} {whole / size:5.2f} to 1  {size / len(held):7,.0f} bytes a post  {each:5.0f} us")


if __name__ == "__main__":
    main()
