"""Addresses: their canonical form, their SURT key, what belongs to a site.

Text of an address is never Unicode-normalised: decomposed names are real, and NFC would name another file.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

import idna

from archive.errors import UrlError
from archive.model import Site

MAX_LENGTH = 4096
"""Characters of an address at most; longer ones are traps or attacks."""
DEFAULT_PORTS = {"http": 80, "https": 443}

# Left alone in a path or query, over the unreserved characters of RFC 3986 that quote() always leaves.
_PATH_SAFE = "!$&'()*+,;=:@/%~"
_QUERY_SAFE = "!$&'()*+,;=:@/?%~"
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION_NAMES = frozenset(
    {"phpsessid", "jsessionid", "sid", "sessionid", "session_id", "aspsessionid", "cfid", "cftoken"}
)
_TRACKING_NAMES = frozenset({"fbclid", "gclid", "zarsrc", "mc_cid", "mc_eid", "_ga"})
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?;]*|/\(S\([a-z0-9]{20,30}\)\)", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def canonical(url: str, base: str = "") -> str:
    """The one form under which an address is queued and compared.

    Absolute; scheme and host in lower case, host in IDNA; default port, fragment, user, dot segments,
    session ids and tracking parameters removed; white space, backslashes and raw Unicode escaped; escapes in
    upper case, those of unreserved characters undone. The order of the query is kept.

    :param base: the page's own address (or its `<base href>`), against which a relative one is resolved.
    :raises UrlError: it cannot be parsed, is too long, or its scheme is neither http nor https.
    """
    text = "".join(char for char in url.strip() if char not in "\t\r\n\0").strip()
    if len(text) > MAX_LENGTH:
        raise UrlError(f"An address is longer than {MAX_LENGTH} characters: {text[:80]}…")
    if not _SCHEME.match(text) or text.lower().startswith(("http:", "https:")):
        text = _slashes(text)
    try:
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(base, text) if base else text)
        port = parts.port
    except ValueError as error:
        raise UrlError(f"{text[:200]!r} is no address: {error}.") from error
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise UrlError(f"{text[:200]!r} is no http or https address.")
    host = _host(parts.hostname or "", text)
    if port is not None and port != DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _escape(_SESSION_IN_PATH.sub("", _dots(parts.path)), _PATH_SAFE) or "/"
    query = _escape(_kept_query(parts.query), _QUERY_SAFE)
    return urllib.parse.urlunsplit((scheme, host, path, query, ""))


def surt(url: str) -> str:
    """Sort-friendly key: host labels reversed, scheme, `www.` and default ports left out, lower case.

    `http://www.Huyendamha.vn/a?b=C` → `vn,huyendamha)/a?b=c`. The form of SURT keys in CDX files
    (https://iipc.github.io/warc-specifications/specifications/cdx-format/openwayback-cdxj/).

    :raises UrlError: as `canonical`.
    """
    parts = urllib.parse.urlsplit(canonical(url))
    host, port = parts.hostname or "", parts.port
    host = re.sub(r"^www\d*\.", "", host)
    is_address = ":" in host or host.replace(".", "").isdigit()
    key = host if is_address else ",".join(reversed(host.split(".")))
    if port is not None:
        key += f":{port}"
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    path = parts.path.lower()
    path = path.rstrip("/") or "/"
    return f"{key}){path}" + (f"?{query}" if query else "")


def host_port(url: str) -> str:
    """`host` or `host:port` of an address: what pace and robots.txt are kept for."""
    return urllib.parse.urlsplit(url).netloc.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to a site: prefixes of host, port and path."""

    prefixes: tuple[tuple[str, str], ...]
    """Host (with port) without `www.`, and the path it begins with."""
    media_hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, site: Site) -> Scope:
        """The scope of a sites entry; without one of its own, the hosts of its seeds.

        :raises UrlError: an entry cannot be read.
        """
        named = site.scope or tuple(host_port(canonical(url)) for url in site.start)
        prefixes = []
        for entry in named:
            parts = urllib.parse.urlsplit(canonical(entry if "://" in entry else f"http://{entry}"))
            prefixes.append((_bare(parts.netloc), parts.path if parts.path != "/" else ""))
        return cls(tuple(prefixes), tuple(host.lower() for host in site.media_hosts))

    def contains(self, url: str) -> bool:
        """Whether a canonical address belongs to the site."""
        parts = urllib.parse.urlsplit(url)
        host = _bare(parts.netloc)
        return any(
            host == own and (not path or parts.path == path or parts.path.startswith(path.rstrip("/") + "/"))
            for own, path in self.prefixes
        )

    def media(self, url: str) -> bool:
        """Whether a picture of an article may be taken from a canonical address."""
        host = host_port(url)
        on_own_host = any(_bare(host) == own for own, _ in self.prefixes)
        return on_own_host or "*" in self.media_hosts or host in self.media_hosts


def _bare(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")


def _slashes(text: str) -> str:
    """Backslashes before the query are slashes, as browsers read them."""
    head, mark, query = text.partition("?")
    return head.replace("\\", "/") + mark + query


def _host(host: str, text: str) -> str:
    host = host.rstrip(".")
    if not host:
        raise UrlError(f"{text[:200]!r} names no host.")
    if ":" in host:
        return f"[{host.lower()}]"
    if host.isascii():
        if not re.fullmatch(r"[A-Za-z0-9._-]+", host):
            raise UrlError(f"{text[:200]!r} has a host that cannot be: {host!r}.")
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError as error:
        raise UrlError(f"{text[:200]!r} has a host that cannot be: {error}.") from error


def _dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4); urljoin does it only for relative addresses."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _kept_query(query: str) -> str:
    kept = []
    for pair in query.split("&"):
        name = pair.partition("=")[0].lower()
        if (
            pair
            and name not in _SESSION_NAMES
            and name not in _TRACKING_NAMES
            and not name.startswith("utm_")
        ):
            kept.append(pair)
    return "&".join(kept)


def _escape(text: str, safe: str) -> str:
    text = _BAD_ESCAPE.sub("%25", text)
    quoted = urllib.parse.quote(text, safe=safe, encoding="utf-8", errors="surrogatepass")

    def tidy(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return char if char in _UNRESERVED else f"%{found[1].upper()}"

    return _ESCAPE.sub(tidy, quoted)
