"""From a captured page to what it says: title, lead, blocks, captions, dates, byline.

`extract` is the way in; `docs/extraction.md` tells how it decides.
"""

from archive.extract.engine import EXTRACTOR, extract
from archive.extract.knowledge import SiteKnowledge, learn
from archive.extract.profiles import Profile, parse_profile, profiles

__all__ = ["EXTRACTOR", "Profile", "SiteKnowledge", "extract", "learn", "parse_profile", "profiles"]
