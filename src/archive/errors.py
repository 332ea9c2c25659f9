"""Every error that the archive raises on purpose.

::

    ArchiveError
    ├── ConfigError            a setting or a sites file is wrong (exit code 2)
    ├── UrlError               an address that cannot be read or is not allowed to be
    ├── ContentError           a body that cannot be decoded (cut, bomb, unknown coding)
    ├── FetchError             one exchange with a server failed; `reason` says how
    ├── SourceError            a file to import is refused as a whole
    ├── WarcError              a capture file cannot be written or read
    │   ├── DamagedRecordError   a record is not what the database says it is
    │   └── StorageError         the bucket of capture files does not serve, or refuses
    ├── TimestampError         an authority gave no timestamp, or a token does not hold
    ├── StoreError             the database refused
    │   ├── StoreBusyError       another process holds it
    │   └── StoreSchemaError     its schema is newer than this program, or damaged
    ├── SearchError            the index refused
    │   ├── IndexMissingError    there is none yet
    │   ├── IndexMismatchError   it was written with another schema or analysis
    │   └── IndexBusyError       another process writes it
    └── BusyError              somebody else does this already (a second crawl of a site)

The failure of one page is a value (`archive.model.Failure`), never an exception that ends a run.
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of all. `str(error)` is one sentence for a person and names what mends it.

    :param message: what was wrong, with which input.
    :param mend: the command or setting that mends it, as a sentence; appended to the message.
    """

    exit_code = 1

    def __init__(self, message: str, mend: str = "") -> None:
        self.message = message
        self.mend = mend
        super().__init__(f"{message} {mend}".rstrip())


class ConfigError(ArchiveError):
    """A setting, an option or a sites file is wrong."""

    exit_code = 2


class UrlError(ArchiveError):
    """An address cannot be parsed, or must not be asked for."""


class ContentError(ArchiveError):
    """A body cannot be decoded: its stream is cut, its coding unknown, or it grows past the limit."""


class FetchError(ArchiveError):
    """One exchange failed.

    :param reason: one of the reasons of `archive.model.Reason`.
    """

    def __init__(self, reason: str, message: str, mend: str = "") -> None:
        super().__init__(message, mend)
        self.reason = reason


class SourceError(ArchiveError):
    """A file or folder to import cannot be taken in: it is missing, of no known kind, or of no known site."""


class WarcError(ArchiveError):
    """A capture file cannot be written or read."""


class DamagedRecordError(WarcError):
    """A record's bytes do not have the digest, place or form that was recorded for them."""


class StorageError(WarcError):
    """The bucket where finished capture files are does not answer, refuses, or holds something else."""


class TimestampError(ArchiveError):
    """An authority for timestamps gave none, or a token does not hold."""


class StoreError(ArchiveError):
    """The database refused."""


class StoreBusyError(StoreError):
    """Another process holds the database's write lock for too long."""


class StoreSchemaError(StoreError):
    """The database was written by a newer program, or is no database of the archive."""


class SearchError(ArchiveError):
    """The index refused."""


class IndexMissingError(SearchError):
    """No index has been built yet."""


class IndexMismatchError(SearchError):
    """The index was written with another schema, analysis or engine."""


class IndexBusyError(SearchError):
    """Another process is writing the index."""

    exit_code = 3


class BusyError(ArchiveError):
    """The work is already being done by another process."""

    exit_code = 3
