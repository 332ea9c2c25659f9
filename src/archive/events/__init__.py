"""Events, people in their offices and places, read out of articles by rules that can be looked at."""

from archive.events.read import RULES, read

__all__ = ["RULES", "read"]
