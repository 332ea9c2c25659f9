"""WARC 1.1: append, read back by place, walk and verify.

ISO 28500:2017, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from archive.warc.read import Record, read_exchange, read_payload, read_record
from archive.warc.scan import ScannedRecord, Tail, scan
from archive.warc.write import WarcWriter, Written

__all__ = [
    "Record",
    "ScannedRecord",
    "Tail",
    "WarcWriter",
    "Written",
    "read_exchange",
    "read_payload",
    "read_record",
    "scan",
]
