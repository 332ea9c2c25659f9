"""Taking in what others saved: WARC, ARC, WACZ, and mirrors made with HTTrack or wget."""

from archive.preserve.importing.files import expand, open_source
from archive.preserve.importing.report import ImportReport
from archive.preserve.importing.run import NO_PAYLOAD, import_source, importer
from archive.preserve.importing.several import import_all
from archive.preserve.importing.sites import Target, new_site
from archive.preserve.importing.source import Item, Skipped, Source

__all__ = [
    "NO_PAYLOAD",
    "ImportReport",
    "Item",
    "Skipped",
    "Source",
    "Target",
    "expand",
    "import_all",
    "import_source",
    "importer",
    "new_site",
    "open_source",
]
