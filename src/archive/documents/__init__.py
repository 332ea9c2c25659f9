"""Attached documents: what kind of file they are and what they say, read in a process of its own.

Imports little and late, since that process starts with it.
"""

from archive.documents.read import READER, DocumentText, kind_of, read_document

__all__ = ["READER", "DocumentText", "kind_of", "read_document"]
