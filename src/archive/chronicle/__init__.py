"""Keeps the readings of events, people and places in step with the articles."""

from __future__ import annotations

from archive.chronicle.keywords import Keywords, keywords
from archive.chronicle.update import ChronicleReport, follow, update

__all__ = ["ChronicleReport", "Keywords", "follow", "keywords", "update"]
