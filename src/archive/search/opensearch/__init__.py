"""The engine for archives that one machine's index does not serve: an OpenSearch cluster.

Words are analysed here, not there (`analysis`), so that both engines agree on Vietnamese. Reading order:
`address` (the setting), `analysis` and `schema` (what is sent), `connection` (requests and errors), `indices`
(generations behind an alias), `bulk` (writing), `view`, `questions`, `narrow`, `relax` and `pages` (a request
→ articles in order), `suggest`, `engine` (a request → an answer).
"""

from archive.search.opensearch.address import parse
from archive.search.opensearch.engine import OpenSearchBackend

__all__ = ["OpenSearchBackend", "parse"]
