"""A map from a portal's old addresses to the archive's permanent links, for the portal's successor to serve.

A server that answers for the old domain needs one line an address: the path (with its query) and where to
send the reader. Three forms: a `map` for nginx, a `RewriteMap` text file for Apache, and CSV for all else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

FORMS = ("nginx", "apache", "csv")

_NGINX = """\
# Old addresses of {site} -> permanent links of the archive. Use within `http {{ … }}`:
#   include /etc/nginx/{file};
# and within the `server {{ … }}` of the old domain:
#   if ($archived) {{ return 301 $archived; }}
# A long map needs, within `http`: map_hash_max_size {hash_size}; map_hash_bucket_size 512;
map $request_uri $archived {{
    default "";
"""
_APACHE = """\
# Old addresses of {site} -> permanent links of the archive. In the virtual host of the old domain:
#   RewriteEngine On
#   RewriteMap archived "txt:/etc/apache2/{file}"
#   RewriteCond %{{THE_REQUEST}} "^\\S+ (\\S+)"
#   RewriteCond ${{archived:%1}} "^(.+)$"
#   RewriteRule ^ %1 [R=301,L,NE]
"""


def write(form: str, site: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The map, line by line.

    :param form: one of `FORMS`.
    :param pairs: old address and permanent link, each once. Of two old addresses that differ only in scheme
        or host the first wins, since a server is asked for a path.
    """
    if form == "csv":
        yield _csv_line(("old", "permanent"))
        for old, new in pairs:
            yield _csv_line((old, new))
        return
    once = _by_path(pairs)
    values = {"site": site, "file": f"{site}-archived.{'map' if form == 'nginx' else 'txt'}"}
    if form == "nginx":
        yield _NGINX.format(**values, hash_size=_power_of_two(len(once) * 2))
        for path, new in once.items():
            yield f"    {_nginx_quoted(path)} {_nginx_quoted(new)};\n"
        yield "}\n"
        return
    yield _APACHE.format(**values)
    for path, new in once.items():
        yield f"{path} {new}\n"


def _by_path(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for old, new in pairs:
        parts = urlsplit(old)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if path != "/":
            found.setdefault(path, new)
    return found


def _nginx_quoted(text: str) -> str:
    """A string of nginx's configuration; canonical addresses hold no quote and no backslash."""
    return f'"{text}"'


def _csv_line(values: tuple[str, str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _power_of_two(number: int) -> int:
    return 1 << max(11, (number - 1).bit_length())
