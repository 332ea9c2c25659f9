"""From a captured exchange to articles and versions: a pure decision, then one transaction.

The crawl, the import of WARC files and the replay all go through `Ingest.record`, so that they cannot
disagree.
"""

from archive.ingest.decide import Decision, decide
from archive.ingest.page import page_of
from archive.ingest.record import Ingest, Outcome
from archive.ingest.recover import FoundExchange, Recovery, recover
from archive.ingest.take import take

__all__ = [
    "Decision",
    "FoundExchange",
    "Ingest",
    "Outcome",
    "Recovery",
    "decide",
    "page_of",
    "recover",
    "take",
]
