"""The whole archive as files for analysis: every version, its captures' hashes, events and people."""

from archive.preserve.dumps.check import Checked, check
from archive.preserve.dumps.making import make
from archive.preserve.dumps.manifest import Dump, found_in, held_back, read

__all__ = ["Checked", "Dump", "check", "found_in", "held_back", "make", "read"]
