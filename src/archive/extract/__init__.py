"""From a captured page to what it says: title, lead, blocks, captions, dates, byline.

`extract` is the way in; `docs/extraction.md` tells how it decides.
"""

from archive.extract.engine import EXTRACTOR, extract
from archive.extract.joined import further_pages, is_print_view, join, relation
from archive.extract.knowledge import SiteKnowledge, learn
from archive.extract.profiles import Profile, parse_profile, profiles
from archive.extract.suggest import suggest_profile

__all__ = [
    "EXTRACTOR",
    "Profile",
    "SiteKnowledge",
    "extract",
    "further_pages",
    "is_print_view",
    "join",
    "learn",
    "parse_profile",
    "profiles",
    "relation",
    "suggest_profile",
]
