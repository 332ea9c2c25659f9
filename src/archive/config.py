"""Typed settings, from `ARCHIVE_*` variables over a TOML file over defaults.

An unknown name in either place is an error that lists the known ones: a misspelt setting must not be
silently without effect.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive import __version__
from archive.errors import ConfigError

PREFIX = "ARCHIVE_"
CONFIG_VARIABLE = "ARCHIVE_CONFIG"
DEFAULT_FILE = "archive.toml"
_Number = TypeVar("_Number", int, float)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds; none of them means without a limit. Written as `300/60`."""

    requests: int
    seconds: int = 60

    def __str__(self) -> str:
        return f"{self.requests}/{self.seconds}" if self.requests else "0"

    @classmethod
    def read(cls, text: str) -> Rate:
        """What was written.

        :raises ValueError: it is neither `N/SECONDS` nor 0.
        """
        if text == "0":
            return cls(0)
        requests, _, seconds = text.partition("/")
        made = cls(int(requests), int(seconds))
        # A million a second is no limit; a week is longer than any worker lives.
        if not (1 <= made.requests <= 1_000_000 and 1 <= made.seconds <= 604_800):
            raise ValueError(text)
        return made


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each can be set as `ARCHIVE_<NAME>` or as `<name>` in `archive.toml`."""

    var: Path = Path("var")
    """Folder of everything that must be kept: WARC files, journal, database."""
    index: Path = Path("index")
    """Folder of the search index; can be rebuilt."""
    backup: Path = Path("backup")
    """Folder of backups; better on another disk."""
    database: str = ""
    """SQLAlchemy URL; empty means SQLite at `<var>/archive.db`."""
    captures: str = ""
    """`s3://bucket/prefix` to which finished WARC files go; empty: they stay in `<var>/warc`."""
    captures_endpoint: str = ""
    """Address of an S3 server other than Amazon's; empty: what the AWS variables say."""
    public_base: str = "http://127.0.0.1:8000"
    """The archive's public address, no trailing slash: permalinks are built on it, never on a header."""
    name: str = "Kho lưu trữ tin huyện"
    """The archive's name in page heads."""
    operator: str = ""
    """Who runs the archive; in the WARC files and on the about page."""
    contact: str = ""
    """An e-mail address for portals and readers; in the crawler's User-Agent."""
    rights: str = (
        "Bài và ảnh thuộc về nơi đã đăng. Kho lưu để tra cứu và nghiên cứu. "
        "Texts and pictures belong to the portals that published them; kept for reference and research."
    )
    """What programs that take records or dumps are told of rights."""
    dumps: str = ""
    """Folder of dumps (`archive dump make`) that are offered to readers at `/dumps/`; "" for none."""
    sample: bool = False
    """What is in here is sample data, invented but for one article: every page says so and is noindex."""
    language: str = "vi"
    """Language of the pages when the reader has not chosen: vi or en."""
    delay: float = 1.0
    """Seconds between two requests to one host."""
    connect_timeout: float = 15.0
    """Seconds to connect."""
    read_timeout: float = 30.0
    """Seconds without a byte."""
    total_timeout: float = 120.0
    """Seconds for one exchange in all."""
    max_body: int = 20_000_000
    """Bytes of a body at most, as received and as decoded."""
    warc_size: int = 1_000_000_000
    """Bytes of a WARC file after which a new one is begun."""
    events_file: str = ""
    """TOML file with the archive's own kinds of events (docs/events.md); "" for the built-in ones alone."""
    gazetteer: str = ""
    """TOML file with the archive's own places (docs/events.md); "" for the built-in ones alone."""
    timestamp_url: str = ""
    """HTTP address of an RFC 3161 authority that stamps manifests and evidence packs; empty for none."""
    timestamp_ca: str = ""
    """PEM file of the certificates that its tokens are checked against."""
    search_engine: str = "whoosh"
    """`whoosh`: the index in the folder `index`; or the address of an OpenSearch cluster, as in
    `opensearch+https://user:password@host:9200/archive?shards=1&replicas=1` (docs/scale.md)."""
    search_seconds: float = 2.0
    """No search takes longer; one that is cut off says so."""
    workers: int = 2
    """gunicorn worker processes."""
    limit_pages: Rate = Rate(300)
    """Pages, feeds and lists that one address (of IPv6: one /64) may ask for; 0 for no limit."""
    limit_files: Rate = Rate(1_200)
    """Pictures, files and parts of replayed pages."""
    limit_search: Rate = Rate(120)
    """Searches and trends."""
    limit_api: Rate = Rate(120)
    """Questions to the API."""
    limit_exports: Rate = Rate(10, 600)
    """Result sets and evidence packs as files."""
    limit_loopback: bool = False
    """Count the requests that begin on this machine too."""
    trusted_proxies: str = "127.0.0.0/8, ::1"
    """Addresses or networks, parted by commas, of web servers whose `X-Forwarded-For` is believed."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """Zone of the times in `schedule` (sites file) and of the scheduler's own nightly work."""
    crawls_at_once: int = 8
    """Sites that the scheduler crawls side by side."""
    verify_minutes: float = 30.0
    """Minutes that the scheduler checks captures each night, going on where it ended; 0 for never."""
    alarm_mail: str = ""
    """Addresses, parted by commas, that are told of alarms by e-mail."""
    alarm_webhook: str = ""
    """Address to which each alarm is posted as JSON; any that you choose, also in your own network."""
    alarm_token: str = ""
    """Secret part of the address of the alarms' feed, `/alarms/<token>.atom`; empty means no feed."""
    smtp: str = ""
    """Mail server: `smtps://user:password@host`, `smtp+starttls://user:password@host`, `smtp://localhost`."""
    metrics_token: str = ""
    """Bearer token that `/metrics` asks for; empty: it answers only who asks on this machine."""

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database or f"sqlite:///{self.var / 'archive.db'}"

    def to_environment(self) -> dict[str, str]:
        """These settings as variables, for a child process that must see the same."""
        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}

    @property
    def warc_dir(self) -> Path:
        """Where capture files are written, and where they stay unless `captures` names a bucket."""
        return self.var / "warc"

    @property
    def journal_dir(self) -> Path:
        """Where editorial acts are kept: takedowns."""
        return self.var / "journal"

    @property
    def user_agent(self) -> str:
        """What the crawler calls itself: a name, a page about it, a contact."""
        contact = f"; mailto:{self.contact}" if self.contact else ""
        return f"DistrictArchive/{__version__} (+{self.public_base}/bot{contact})"


def load(environ: Mapping[str, str] | None = None, file: Path | None = None, **overrides: Any) -> Settings:
    """Settings from the environment and a TOML file.

    :param environ: variables; None means the process's own.
    :param file: the TOML file; None means `ARCHIVE_CONFIG`, else `archive.toml` where it exists.
    :param overrides: values that win over both, from command-line options; None means not given.
    :raises ConfigError: an unknown name, a value of the wrong type, a named file that is missing.
    """
    environ = os.environ if environ is None else environ
    values = {**_from_file(environ, file), **_from_environ(environ)}
    values |= {name: value for name, value in overrides.items() if value is not None}
    fields = {item.name: item for item in dataclasses.fields(Settings)}
    checked = {name: _typed(name, value, fields[name].type) for name, value in values.items()}
    settings = Settings(**checked)
    if settings.language not in ("vi", "en"):
        raise ConfigError(f"language is {settings.language!r}.", 'Set it to "vi" or "en".')
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"timezone is {settings.timezone!r}.", 'Write a name as in "Asia/Ho_Chi_Minh".'
        ) from error
    try:
        networks(settings.trusted_proxies)
    except ValueError as error:
        raise ConfigError(
            f"trusted_proxies: {error}.", 'Write addresses or networks: "127.0.0.1, 192.0.2.0/24".'
        ) from error
    return dataclasses.replace(settings, public_base=settings.public_base.rstrip("/"))


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, parted by commas.

    :raises ValueError: one of them is neither.
    """
    return tuple(ipaddress.ip_network(name.strip()) for name in text.split(",") if name.strip())


def _from_file(environ: Mapping[str, str], file: Path | None) -> dict[str, Any]:
    named = file or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    path = named or Path(DEFAULT_FILE)
    if named is None and not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"The settings file {path} cannot be read: {error.strerror}.",
            f"Check the path given in {CONFIG_VARIABLE}.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    for name in data:
        _check_name(name, f"in {path}", "")
    return data


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for variable, value in environ.items():
        if variable.startswith(PREFIX) and variable != CONFIG_VARIABLE:
            name = variable.removeprefix(PREFIX).lower()
            _check_name(name, "in the environment", PREFIX)
            values[name] = value
    return values


def _check_name(name: str, where: str, prefix: str) -> None:
    known = [item.name for item in dataclasses.fields(Settings)]
    if name in known:
        return
    shown = [f"{prefix}{item.upper() if prefix else item}" for item in known]
    written = f"{prefix}{name.upper() if prefix else name}"
    near = difflib.get_close_matches(written, shown, 1)
    guess = f"Did you mean {near[0]}? " if near else ""
    raise ConfigError(f"Unknown setting {written} {where}.", f"{guess}Known: {', '.join(shown)}.")


def _typed(name: str, value: Any, kind: Any) -> Any:
    text = str(value).strip()
    try:
        match kind:
            case "Path":
                return Path(text)
            case "bool":
                if text.lower() in ("1", "true", "yes", "on"):
                    return True
                if text.lower() in ("0", "false", "no", "off", ""):
                    return False
                raise ValueError
            case "int":
                return _positive(int(text))
            case "float":
                return _positive(float(text))
            case "Rate":
                return Rate.read(text)
            case _:
                return text
    except ValueError as error:
        wanted = {
            "bool": "true or false",
            "int": "a whole number, 0 or more",
            "float": "a number, 0 or more",
            "Rate": 'requests/seconds, as "300/60", or 0 for no limit',
        }
        raise ConfigError(f"Setting {name} is {value!r}.", f"It must be {wanted[kind]}.") from error


def _positive(number: _Number) -> _Number:
    if not 0 <= number < float("inf"):
        raise ValueError(number)
    return number
