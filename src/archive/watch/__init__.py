"""Watching the portals: does each still yield what it did, and what would the archive know?"""

from archive.watch.evaluate import Evaluated, evaluate
from archive.watch.fields import Field

__all__ = ["Evaluated", "Field", "evaluate"]
