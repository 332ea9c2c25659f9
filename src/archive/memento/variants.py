"""How an old link may be spelled otherwise than the address that was captured. Pure.

Scheme, `www.` and default ports are no difference to the URL key (`archive.urls.surt`). What is left is made
up for by asking for several keys at once, all in lower case, and by saying afterwards how a found address
differs from the one asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from archive.errors import UrlError
from archive.urls import canonical, surt

_MOBILE = ("m", "mobile", "wap", "amp")
_INDEX = re.compile(r"/(?:index|default|home|trang-chu)\.(?:html?|php|aspx?|jsp)\Z", re.IGNORECASE)
_INDEXES = ("index.html", "index.htm", "index.php", "default.aspx")
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp)\Z", re.IGNORECASE)
_EXTENSIONS = ("", ".html", ".htm", ".aspx")
_NAMING = re.compile(r"(?:\A|&)(?:p|id|itemid|articleid|newsid|contentid|page_id)=", re.IGNORECASE)
_MIN_TAIL = 12
"""Letters of the last part of a path from which it names one article: `tin-tuc` does not, a title does."""


class Difference(StrEnum):
    """In what two addresses of one thing differ."""

    SCHEME = "scheme"
    WWW = "www"
    MOBILE = "mobile"
    CASE = "case"
    SLASH = "slash"
    INDEX = "index"
    EXTENSION = "extension"
    QUERY = "query"
    SUBSITE = "subsite"
    """Another host or folder, and the same name at the end."""


def keys(url: str) -> list[str]:
    """Lower-case URL keys under which the thing at a canonical address may have been captured, nearest first.

    At most a hundred.
    """
    parts = urlsplit(url)
    found: dict[str, None] = {}
    for query in _queries(parts.query):
        for path in _paths(parts.path):
            for host in _hosts(parts.netloc):
                try:
                    found[surt(canonical(f"http://{host}{path}{query}")).lower()] = None
                except UrlError:
                    continue
    return list(found)[:100]


def tail(url: str) -> str:
    """The last part of the path where it is as good as a name, in lower case, without its ending; "" else."""
    parts = urlsplit(url)
    last = _EXTENSION.sub("", parts.path.rstrip("/").rpartition("/")[2]).lower()
    return last if len(last) >= _MIN_TAIL and any(sign in last for sign in "-_0123456789") else ""


def words(url: str) -> str:
    """What a link says in its path, as words to search for: `/tin/le-phat-dong-12.html` → `le phat dong`."""
    last = _EXTENSION.sub("", unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2])
    return " ".join(word for word in re.split(r"[\W_]+", last) if len(word) > 1 and not word.isdigit())[:200]


def differences(asked: str, found: str) -> tuple[Difference, ...]:
    """In what a found address differs from the one asked for, both canonical; () when they are the same."""
    return tuple(_differences(asked, found))


def _differences(asked: str, found: str) -> Iterator[Difference]:
    one, other = urlsplit(asked), urlsplit(found)
    if one.scheme != other.scheme:
        yield Difference.SCHEME
    hosts = [_bare(item.netloc) for item in (one, other)]
    if hosts[0] == hosts[1]:
        if one.netloc != other.netloc:
            yield Difference.WWW
    elif _without_mobile(hosts[0]) == _without_mobile(hosts[1]):
        yield Difference.MOBILE
    else:
        yield Difference.SUBSITE
        return
    yield from _in_path(one.path, other.path)
    if one.query != other.query:
        yield Difference.CASE if one.query.lower() == other.query.lower() else Difference.QUERY


def _in_path(one: str, other: str) -> Iterator[Difference]:
    if one == other:
        return
    if one.lower() != other.lower() or one.rstrip("/") == other.rstrip("/"):
        plain = [_INDEX.sub("/", path.lower()) for path in (one, other)]
        if _INDEX.search(one.lower()) or _INDEX.search(other.lower()):
            yield Difference.INDEX
        ends = [path.rstrip("/") for path in plain]
        if ends[0] == ends[1]:
            if plain[0] != plain[1]:
                yield Difference.SLASH
        elif _EXTENSION.sub("", ends[0]) == _EXTENSION.sub("", ends[1]):
            yield Difference.EXTENSION
        else:
            yield Difference.SUBSITE
            return
    stems = [_EXTENSION.sub("", _INDEX.sub("/", path)).rstrip("/") for path in (one, other)]
    if stems[0] != stems[1]:
        yield Difference.CASE


def _hosts(netloc: str) -> Iterator[str]:
    bare = _bare(netloc)
    plain = _without_mobile(bare)
    yield bare
    if plain != bare:
        yield plain
    yield f"m.{plain}"


def _bare(netloc: str) -> str:
    return re.sub(r"\Awww\d*\.", "", netloc)


def _without_mobile(host: str) -> str:
    first, dot, rest = host.partition(".")
    return rest if dot and first in _MOBILE and "." in rest else host


def _paths(path: str) -> Iterator[str]:
    yield path
    if _INDEX.search(path):
        folder = _INDEX.sub("", path)
        yield f"{folder}/"
        yield folder or "/"
        return
    plain = path.rstrip("/")
    yield f"{plain}/" if plain == path else plain or "/"
    if path.endswith("/"):
        yield from (f"{path}{name}" for name in _INDEXES)
    stem = _EXTENSION.sub("", plain)
    if stem and not stem.endswith("/"):
        yield from (f"{stem}{ending}" for ending in _EXTENSIONS if f"{stem}{ending}" != plain)


def _queries(query: str) -> Iterator[str]:
    yield f"?{query}" if query else ""
    # Without its query an address is another page where the query names the article; those are short paths.
    if query and not re.search(
        r"(?:\A|&)(?:p|id|itemid|articleid|newsid|contentid|page_id)=", query, re.IGNORECASE
    ):
        yield ""
