"""A folder of saved pages: HTTrack and wget mirrors, with the addresses that they tell of.

Where an address comes from, the surest first: HTTrack's list `hts-cache/new.txt`; the comment that HTTrack
writes into each page (`<!-- Mirrored from … -->`); the layout `host/path` that both use. Where a date comes
from: that comment; else the file's time of change, which wget sets to the server's `Last-Modified`.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import mimetypes
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from archive.errors import SourceError, UrlError
from archive.model import Exchange
from archive.preserve.importing.source import MAX_RECORD, Item, Skipped, sound_moment
from archive.urls import canonical

_COMMENT = re.compile(
    rb"<!--\s*Mirrored from (?P<url>\S+) by HTTrack[^,>]*(?:\[[^\]]*\])?[^,>]*,\s*(?P<date>[^>]+?)\s*-->"
)
_HOST = re.compile(
    r"(?:(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+|(?:\d{1,3}\.){3}\d{1,3}|localhost)(?:[:+_]\d{1,5})?\Z",
    re.IGNORECASE,
)
_PORT = re.compile(r"[+_](\d{1,5})\Z")
_LINK = re.compile(rb"""((?:href|src|data-src)\s*=\s*)(["'])([^"'<>]{1,2000})\2""", re.IGNORECASE)
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!-- mirrored", b"<?xml")
_PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".jsp", ".shtml", ".vnp", ""})
_OWN = frozenset(
    {"hts-cache", "hts-log.txt", "hts-err.txt", "backblue.gif", "fade.gif", "cookies.txt", "index-2.html"}
)
_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    relative: str
    """With slashes, from the folder's top."""
    url: str
    at: dt.datetime
    date_from: str


class FolderSource:
    """A mirror on disk."""

    kind = "folder"

    def __init__(self, folder: Path, base: str = "") -> None:
        """
        :param base: address of the folder's top, when neither layout nor comments tell addresses.
        :raises SourceError: the base is no address.
        """
        self.name = folder.resolve().name
        self._folder = folder
        try:
            self._base = canonical(base if base.endswith("/") else f"{base}/") if base else ""
        except UrlError as error:
            raise SourceError(f"The address {base!r} of {folder} cannot be read.", str(error)) from error
        self._refused: list[Skipped] = []
        self._paths = self._walk()
        self.size = sum(path.stat().st_size for path in self._paths)

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path in self._paths:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{content}  {self._relative(path)}\n".encode())
        return digest.hexdigest()

    def items(self) -> Iterator[Item | Skipped]:
        yield from self._refused
        listed = _listed(self._folder / "hts-cache" / "new.txt")
        files: list[_File] = []
        for path in self._paths:
            found = self._address(path, listed)
            if isinstance(found, Skipped):
                yield found
            else:
                files.append(found)
        addresses = {item.relative: item.url for item in files}
        # In order of time, so that versions are numbered so.
        for item in sorted(files, key=lambda item: (item.at, item.relative)):
            yield self._item(item, addresses)

    # ---------------------------------------------------------------------------------- what is there

    def _walk(self) -> list[Path]:
        """All files in order of name; links are never followed."""
        found = []
        for place, folders, names in os.walk(self._folder):
            here = Path(place)
            for name in sorted([*folders, *names]):
                if (here / name).is_symlink():
                    text = "a symbolic link; it is not followed"
                    self._refused.append(Skipped(self._relative(here / name), text))
            folders[:] = sorted(
                name for name in folders if name not in _OWN and not (here / name).is_symlink()
            )
            for name in sorted(names):
                path = here / name
                is_own = name in _OWN or name.startswith(".") or name.endswith(".tmp")
                if path.is_file() and not path.is_symlink() and not is_own and not self._is_original(path):
                    found.append(path)
        return found

    @staticmethod
    def _is_original(path: Path) -> bool:
        """wget -K keeps the server's own bytes beside the file whose links it rewrote."""
        return path.suffix == ".orig" and path.with_suffix("").is_file()

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    # ------------------------------------------------------------------------------ address and date

    def _address(self, path: Path, listed: dict[str, str]) -> _File | Skipped:
        relative = self._relative(path)
        if path.stat().st_size > MAX_RECORD:
            return Skipped(relative, f"it is larger than {MAX_RECORD} bytes")
        with path.open("rb") as file:
            comment = _COMMENT.search(file.read(_HEAD)) if _is_page(path) else None
        told = comment["url"].decode("latin-1") if comment is not None else ""
        url = listed.get(relative) or (f"http://{told}" if told else "") or self._by_layout(relative)
        if not url:
            text = "nothing tells where it was saved from; give the address of the folder with --url"
            return Skipped(relative, text)
        try:
            url = canonical(url)
        except UrlError as error:
            return Skipped(relative, error.message)
        at, date_from = _moment(path, comment["date"].decode("latin-1") if comment is not None else "")
        if problem := sound_moment(at):
            return Skipped(relative, problem)
        return _File(path, relative, url, at, date_from)

    def _by_layout(self, relative: str) -> str:
        """The address that the layout `host/path` stands for."""
        first, _, rest = relative.partition("/")
        if self._base:
            return urljoin(self._base, _path(relative))
        if rest and _HOST.match(first):
            return f"http://{_host(first)}/{_path(rest)}"
        if _HOST.match(self.name):
            return f"http://{_host(self.name)}/{_path(relative)}"
        return ""

    # -------------------------------------------------------------------------------------- the item

    def _item(self, file: _File, addresses: dict[str, str]) -> Item | Skipped:
        original = file.path.with_name(f"{file.path.name}.orig")
        path = original if original.is_file() else file.path
        try:
            saved = path.read_bytes()
        except OSError as error:
            return Skipped(file.relative, f"it cannot be read: {error.strerror}")
        kind = _media_type(file.path, saved)
        body, restored = saved, 0
        if kind == "text/html":
            body, restored = _restored(saved, file, addresses)
        notes = [f"date from {file.date_from}"]
        if restored:
            notes.append(f"{restored} links restored, saved file sha256:{hashlib.sha256(saved).hexdigest()}")
        return Item(file.relative, _exchange(file, kind, body), note="; ".join(notes))


def _exchange(file: _File, kind: str, body: bytes) -> Exchange:
    return Exchange(
        url=file.url,
        at=file.at,
        method="GET",
        request_headers=(),
        request_body=b"",
        status=200,
        reason="OK",
        headers=(("Content-Type", kind), ("Content-Length", str(len(body)))),
        payload=body,
        ip="",
        elapsed_ms=0,
    )


def _listed(path: Path) -> dict[str, str]:
    """File → address, from HTTrack's list: tab-separated, address and file in the eighth and ninth column."""
    found: dict[str, str] = {}
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return found
    for line in text.splitlines()[1:]:
        columns = line.split("\t")
        if len(columns) >= 9 and columns[3].strip() == "200" and "://" in columns[7]:
            name = columns[8].strip().replace("\\", "/").lstrip("/")
            found[name] = columns[7].strip()
            # Some versions write the mirror's whole path.
            parts = name.split("/")
            for start in range(1, len(parts)):
                if _HOST.match(parts[start]):
                    found.setdefault("/".join(parts[start:]), columns[7].strip())
                    break
    return found


def _host(name: str) -> str:
    """A host's folder as host and port: where `:` is not allowed in names, mirrors write `+` or `_`."""
    return _PORT.sub(r":\1", name)


def _path(relative: str) -> str:
    """A path as the server knew it: `index.html` is its folder, and wget's signs for `?` undone."""
    head, _, name = relative.rpartition("/")
    if name.lower() in ("index.html", "index.htm"):
        name = ""
    elif "?" in name or "@" in name:
        before, _, query = name.partition("?" if "?" in name else "@")
        if not query.lower().startswith(("2x", "3x")):  # pictures for screens of high density
            name = f"{before}?{re.sub(r'[.]html?$', '', query)}"
    stem, mark, query = name.partition("?")
    path = (
        "/".join(quote(unquote(part)) for part in [*head.split("/"), stem]) if head else quote(unquote(stem))
    )
    return f"{path}{mark}{quote(query, safe='=&%;+,:@/?')}"


def _moment(path: Path, told: str) -> tuple[dt.datetime, str]:
    """When a file was saved, and how that is known."""
    if told:
        try:
            return email.utils.parsedate_to_datetime(told).astimezone(dt.UTC), "HTTrack's comment"
        except (ValueError, OverflowError):
            pass
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC), "the file's time of change"


def _is_page(path: Path) -> bool:
    return path.suffix.lower().partition("?")[0] in _PAGE_SUFFIXES or "?" in path.name


def _media_type(path: Path, data: bytes) -> str:
    if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return "text/html"
    guessed, _ = mimetypes.guess_type(path.name.partition("?")[0], strict=False)
    return guessed or "application/octet-stream"


def _restored(saved: bytes, file: _File, addresses: dict[str, str]) -> tuple[bytes, int]:
    """A page with the links that lead into the mirror as they were, where the mirror's layout is another.

    HTTrack and wget rewrite links to relative ones between their files. Most lead to the right address all
    the same; those that do not (another host, a renamed file) are given the address of the file they mean.
    """
    count = 0

    def mend(match: re.Match[bytes]) -> bytes:
        nonlocal count
        link = match[3].decode("utf-8", "replace").strip()
        if not link or link.startswith(("#", "/", "data:", "javascript:", "mailto:")) or "://" in link[:12]:
            return match[0]
        bare, mark, fragment = link.partition("#")
        target = os.path.normpath(os.path.join(os.path.dirname(file.relative), unquote(bare)))  # noqa: PTH118, PTH120
        address = addresses.get(target.replace(os.sep, "/"))
        if address is None:
            return match[0]
        try:
            if canonical(bare, file.url) == address:
                return match[0]
        except UrlError:
            pass
        count += 1
        return match[1] + match[2] + f"{address}{mark}{fragment}".encode() + match[2]

    return _LINK.sub(mend, saved), count
