"""From a captured page to what it says: title, lead, blocks, captions, dates, byline.

`extract` is the way in; `docs/extraction.md` tells how it decides.
"""

from archive.extract.engine import EXTRACTOR, extract
from archive.extract.headline import key as title_key
from archive.extract.joined import further_pages, is_print_view, join, part_number, relation
from archive.extract.knowledge import SiteKnowledge, knowledge_number, learn
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
    "knowledge_number",
    "learn",
    "parse_profile",
    "part_number",
    "profiles",
    "relation",
    "suggest_profile",
    "title_key",
]
