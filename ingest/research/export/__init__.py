"""Posts taken out of a corpus, as files for other programs, with the papers that say what they are.

One module a format (`jsonl`, `csvfile`, `txt`, `markdown`, `parquet`, `sqlitefile`), named in `kinds`; one a paper
(`readme`, `datasheet`, `citation`, `croissant`), from what `tally` and `facts` know; `making` puts them together,
`place` where they belong. `downloads` streams rows to whoever asks a page for them.
"""

from ingest.research.export.downloads import DOWNLOADS, Download
from ingest.research.export.kinds import KINDS
from ingest.research.export.making import Exported, export

__all__ = ["DOWNLOADS", "KINDS", "Download", "Exported", "export"]
