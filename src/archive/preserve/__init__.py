"""Proof that what was kept is still there, and the database made again from it."""

from archive.preserve.reextract import ReextractReport, catch_up, reextract
from archive.preserve.replay import ReplayReport, replay
from archive.preserve.verify import Finding, FindingKind, VerifyReport, verify

__all__ = [
    "Finding",
    "FindingKind",
    "ReextractReport",
    "ReplayReport",
    "VerifyReport",
    "catch_up",
    "reextract",
    "replay",
    "verify",
]
