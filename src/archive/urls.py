"""Addresses: one canonical form, the sort-friendly key of capture indexes, and what belongs to a site."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import idna

from archive.errors import UrlError
from archive.model import Site

MAX_LENGTH = 2_500
"""Characters of an address: what an index of PostgreSQL takes, and more than a sitemap may have (2,048)."""
"""Characters of an address at most: beyond it servers refuse, and traps grow."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = _UNRESERVED | frozenset("!$&'()*+,;=:@/?")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROLS = "".join(map(chr, range(0x21)))

_TRACKING = re.compile(
    r"(?:utm_[a-z_]+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|zarsrc|zanpid"
    r"|_ga|_gl|_hs(?:enc|mi)|phpsessid|jsessionid|aspsessionid[a-z]*|asp\.net_sessionid|sessionid|session_id"
    r"|nv_?session[a-z]*|cfid|cftoken)\Z",
    re.IGNORECASE,
)
# Short names that are session ids only when their value looks like a token.
_TOKEN = re.compile(r"(?:sid|s|sess|session|ss|token)=[0-9a-z]{20,}\Z", re.IGNORECASE)
_PATH_SESSION = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/?;]*|/\([SFAX]\([0-9a-zA-Z]{16,}\)\)", re.IGNORECASE
)


def canonical(url: str, base: str = "") -> str:
    """The form under which an address is asked for and remembered.

    Absolute; scheme and host lower case, the host in its IDNA form (UTS 46); default port, fragment, dot
    segments, session ids and tracking parameters off; characters that RFC 3986 does not allow
    percent-encoded as UTF-8, escapes of unreserved characters undone, the others in upper case. The order of
    the query is kept. Spellings that browsers forgive (backslashes, spaces, line breaks) are forgiven.

    The path is never Unicode-normalised: a server may know a file by its decomposed name only.

    :param url: an address as it stands in a page.
    :param base: the address that relative ones are resolved against.
    :raises UrlError: no http(s) address, or one that no server could be asked for.
    """
    text = url.strip(_CONTROLS).translate({9: None, 10: None, 13: None})
    if len(text) > MAX_LENGTH * 2:
        raise UrlError(f"The address {text[:60]}… is {len(text)} characters long.")
    if not _SCHEME.match(text) or text[:5].lower() in ("http:", "https"):
        before, mark, after = text.partition("?")
        before, hash_mark, fragment = before.partition("#")
        text = before.replace("\\", "/") + hash_mark + fragment + mark + after
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
        port = parts.port
    except ValueError as error:
        raise UrlError(f"The address {text[:100]!r} cannot be read: {error}.") from error
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise UrlError(f"The address {text[:100]!r} is no http or https address.")
    if "@" in parts.netloc:
        raise UrlError(f"The address {text[:100]!r} carries a user name; such addresses are not followed.")
    host = _host(parts.hostname or "", text)
    netloc = host if port is None or port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"
    path = _PATH_SESSION.sub("", _encode(parts.path))
    query = _query(_encode(parts.query))
    result = f"{scheme}://{netloc}{_without_dots(path)}{f'?{query}' if query else ''}"
    if len(result) > MAX_LENGTH:
        raise UrlError(f"The address {result[:60]}… is {len(result)} characters long.")
    return result


def surt(url: str) -> str:
    """The key of an address in a capture index: `vn,huyendamha)/path?query`.

    Sort-friendly URI Reordering Transform as in Heritrix and pywb (http://crawler.archive.org/articles/user_manual/glossary.html#surt):
    labels of the host from the right; scheme, `www.` and the ports 80 and 443 left out, so that an article
    is found whichever of these a link used. Unlike theirs the path keeps its letter case, for the servers
    that tell cases apart.

    :param url: a canonical address.
    :raises UrlError: it cannot be read.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlError(f"The address {url[:100]!r} cannot be read: {error}.") from error
    host = re.sub(r"\Awww\d*\.", "", (parts.hostname or "").lower())
    if not _is_ip(host):
        host = ",".join(reversed(host.split(".")))
    number = f":{port}" if port not in (None, 80, 443) else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{number}){parts.path or '/'}{query}"


def host_port(url: str) -> str:
    """`host:port` of a canonical address: the unit of politeness."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to a site."""

    prefixes: tuple[tuple[str, str], ...]
    """Pairs of `host:port` without `www.` and path prefix; port 0 stands for 80 and 443."""
    media_hosts: frozenset[str]
    any_media: bool

    @classmethod
    def of(cls, site: Site) -> Scope:
        """The scope of a sites entry.

        :raises UrlError: an entry cannot be read.
        """
        entries = site.scope or tuple(urlsplit(canonical(start)).netloc for start in site.start)
        named = [item for item in site.media_hosts if item != "*"]
        return cls(
            prefixes=tuple(dict.fromkeys(_prefix(entry) for entry in entries)),
            media_hosts=frozenset(_prefix(item)[0] for item in named),
            any_media="*" in site.media_hosts,
        )

    def contains(self, url: str) -> bool:
        """Whether a canonical address is a page of the site."""
        host, path = _place(url)
        return any(host == wanted and path.startswith(prefix) for wanted, prefix in self.prefixes)

    def media(self, url: str) -> bool:
        """Whether a picture may be taken from a canonical address: the site's hosts, hosts below them, and
        those that the entry names."""
        return (
            self.any_media
            or self.trusts(url)
            or any(_below(_place(url)[0], host) for host, _ in self.prefixes)
        )

    def trusts(self, url: str) -> bool:
        """Whether the operator named the host: `allow_private` reaches no further."""
        host = _place(url)[0]
        return host in self.media_hosts or any(host == wanted for wanted, _ in self.prefixes)


def _prefix(entry: str) -> tuple[str, str]:
    bare = entry.strip()
    if "://" in bare or not bare:
        raise UrlError(
            f"The scope entry {entry!r} is not of the form host[:port][/path].", "Leave the scheme out."
        )
    host, slash, path = bare.partition("/")
    place, _ = _place(canonical(f"http://{host}/"))
    return place, _encode(slash + path)


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = parts.port if parts.port not in (None, 80, 443) else 0
    return f"{host}:{port}", (parts.path or "/")


def _below(place: str, parent: str) -> bool:
    host, _, port = place.rpartition(":")
    wanted, _, wanted_port = parent.rpartition(":")
    return port == wanted_port and not _is_ip(wanted) and host.endswith("." + wanted)


@functools.lru_cache(maxsize=4096)
def _host(host: str, url: str = "") -> str:
    host = host.rstrip(".")
    if ":" in host:
        return f"[{host.lower()}]"
    if host.isascii() and "%" not in host:
        name = host.lower()
    else:
        try:
            name = idna.encode(host, uts46=True).decode("ascii").lower()
        except idna.IDNAError as error:
            raise UrlError(f"The host name {host[:80]!r} cannot be read: {error}.") from error
    if not name or len(name) > 253 or not re.fullmatch(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?", name):
        raise UrlError(f"The address {url[:100]!r} has no host name that could be asked for.")
    return name


def _is_ip(host: str) -> bool:
    return ":" in host or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", host) is not None


def _encode(text: str) -> str:
    if all(char in _SAFE for char in text):
        return text
    return _ESCAPE.sub(_escape, "".join(map(_encode_char, text)))


def _encode_char(char: str) -> str:
    if char in _SAFE or char == "%":
        return char
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"
    char = chr(int(digits, 16))
    return char if char in _UNRESERVED else f"%{digits.upper()}"


def _query(query: str) -> str:
    pieces = query.split("&")
    return "&".join(
        piece
        for piece in pieces
        if piece and not _TRACKING.match(piece.partition("=")[0]) and not _TOKEN.match(piece)
    )


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4; leading `..` are dropped."""
    if "/." not in path:
        return path if path.startswith("/") else f"/{path}"
    out: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments):
        if segment in (".", ".."):
            if segment == ".." and out:
                out.pop()
            if number == len(segments) - 1:
                out.append("")
        else:
            out.append(segment)
    return "/" + "/".join(out)
