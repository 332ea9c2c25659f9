"""The default engine: Whoosh's schema, segments, table of contents, locks and readers, with postings that
are NumPy arrays mapped from files beside each segment, and evaluation over them.

Reading order: `arrays` (the file), `build` (documents → one segment), `merge` (segments → one), `codec` (how
Whoosh itself reads it), `generations` and `writer` (commit, swap), `snapshot` (an opened state), `terms`,
`nearness` and `evaluate` (a tree → articles and scores), `engine` (a request → an answer).
"""

from archive.search.whoosh.engine import WhooshBackend

__all__ = ["WhooshBackend"]
