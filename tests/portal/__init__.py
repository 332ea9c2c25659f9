"""The sample portal: three made-up news sites, deterministic, movable in time, able to misbehave.

`python -m tests.portal --help` runs it by itself; tests use `Portal`.
"""

from tests.portal.grammar import SampleArticle
from tests.portal.portal import Portal, PortInUseError, SampleSite

__all__ = ["PortInUseError", "Portal", "SampleArticle", "SampleSite"]
