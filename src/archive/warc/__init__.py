"""WARC 1.1: append, read back by place, walk and verify.

ISO 28500:2017, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from archive.warc.files import CaptureFile, CaptureFiles, Folder, capture_files, file_at, files_in
from archive.warc.read import HEAD, read_exchange, read_payload, read_record
from archive.warc.scan import Record, ScannedRecord, Tail, next_member, scan
from archive.warc.write import FileName, WarcWriter, Written, site_files

__all__ = [
    "HEAD",
    "CaptureFile",
    "CaptureFiles",
    "FileName",
    "Folder",
    "Record",
    "ScannedRecord",
    "Tail",
    "WarcWriter",
    "Written",
    "capture_files",
    "file_at",
    "files_in",
    "next_member",
    "read_exchange",
    "read_payload",
    "read_record",
    "scan",
    "site_files",
]
