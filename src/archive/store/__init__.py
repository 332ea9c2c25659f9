"""Captures, articles, versions and the change log in a database, SQLite or PostgreSQL.

`Store` is the only door; `archive.store.schema` has the tables for the code that shares its transactions
(the crawl's frontier, the ingest).
"""

from sqlalchemy import Connection

from archive.store import acts, admins, api_keys, attachments, fixity, imports, parts, removals, titles
from archive.store.chronicle import Chronicle
from archive.store.rows import Listed, OnDay, Run, SiteSummary, Totals
from archive.store.store import Store
from archive.store.takedowns import Takedown

__all__ = [
    "Chronicle",
    "Connection",
    "Listed",
    "OnDay",
    "Run",
    "SiteSummary",
    "Store",
    "Takedown",
    "Totals",
    "acts",
    "admins",
    "api_keys",
    "attachments",
    "fixity",
    "imports",
    "parts",
    "removals",
    "titles",
]
