"""What an index is made of: its fields, an analysis that leaves words as they come, and its settings."""

from __future__ import annotations

from typing import Any

from archive.search import document
from archive.search.opensearch.address import Address
from archive.search.query import DEFAULT_FIELDS, KEYWORDS
from archive.search.ranking import K1, B

FORMAT = "1"
"""Version of what stands here and in `analysis`; raised by hand when either changes."""
FINGERPRINT = f"{document.FINGERPRINT}|opensearch-{FORMAT}"
"""What an index must have been written with to be readable."""
PER_SHARD = 2_000_000_000
"""Documents that a shard can hold: Lucene's limit of 2^31 less some."""
WHITESPACE = "whitespace"
"""The engine's own analyzer that parts at spaces: for phrases in questions, whose tokens are ready."""


def body(address: Address, *, filling: bool) -> dict[str, Any]:
    """The request that makes an index.

    :param filling: it is filled beside the one in use: no copies of its shards and no fsync for each request
        until it is whole; `finished` then sets what is right for use.
    """
    return {
        "settings": {
            "number_of_shards": address.shards,
            **(_FILLING if filling else finished(address)),
            # What is indexed becomes visible when `apply` says so, a batch at a time, before the cursor.
            "refresh_interval": "-1",
            "max_result_window": 10_000,
            "analysis": {
                "analyzer": {"forms": {"type": "custom", "tokenizer": "words", "filter": ["forms"]}},
                "tokenizer": {"words": {"type": "whitespace", "max_token_length": 4_096}},
                "filter": {
                    "forms": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]}
                },
            },
            # Forms of a word share its position. They count into both the length of a text and its average,
            # so that the ratio is that of words.
            "similarity": {"words": {"type": "BM25", "k1": K1, "b": B, "discount_overlaps": False}},
        },
        "mappings": {
            "dynamic": "strict",
            # Words are looked up, never read back.
            "_source": {"excludes": ["w"]},
            "_meta": meta(0),
            "properties": _properties(),
        },
    }


_FILLING = {"number_of_replicas": 0, "translog.durability": "async"}


def finished(address: Address) -> dict[str, Any]:
    """Settings of an index in use: what is acknowledged is on the disks of all copies that are up."""
    return {"number_of_replicas": address.replicas, "translog.durability": "request"}


def meta(cursor: int) -> dict[str, Any]:
    """What an index says of itself."""
    return {"fingerprint": FINGERPRINT, "cursor": cursor}


def _properties() -> dict[str, Any]:
    text = {
        "type": "text",
        "analyzer": "forms",
        "similarity": "words",
        "position_increment_gap": document.POSITION_GAP,
    }
    words: dict[str, Any] = {name: {**text, "copy_to": "any"} for name in DEFAULT_FIELDS}
    words["site"] = {**text, "norms": False}
    # A value beyond so many characters is shown, but neither counted nor filtered by.
    value = {"type": "keyword", "ignore_above": 1_000}
    names = {name: value for kind in KEYWORDS for name in (kind, f"{kind}_key")}
    return {
        "id": {"type": "keyword"},
        "shown": {"type": "object", "enabled": False},
        "w": {"properties": words},
        # Which articles have a word at all, in whatever field: what a question is narrowed by.
        "any": {"type": "text", "analyzer": "forms", "index_options": "docs", "norms": False},
        "key": {"type": "long"},
        "copy": {"type": "long"},
        "day": {"type": "integer"},
        "moment": {"type": "long"},
        "year": {"type": "integer"},
        "month": {"type": "integer"},
        "media": {"type": "boolean"},
        "status": value,
        "site": value,
        "section": value,
        "section_start": value,
        **names,
    }
