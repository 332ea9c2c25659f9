"""Handing out what is kept: WARC, WACZ, tables of articles, and evidence packs."""

from archive.preserve.exporting.evidence import Citations, evidence_stream, export_evidence
from archive.preserve.exporting.manifest import Tally
from archive.preserve.exporting.select import Selection
from archive.preserve.exporting.tables import export_jsonl, export_parquet
from archive.preserve.exporting.wacz import export_wacz
from archive.preserve.exporting.warcs import export_warc

__all__ = [
    "Citations",
    "Selection",
    "Tally",
    "evidence_stream",
    "export_evidence",
    "export_jsonl",
    "export_parquet",
    "export_wacz",
    "export_warc",
]
