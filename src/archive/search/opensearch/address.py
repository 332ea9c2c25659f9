"""The `search_engine` setting: which engine, where, and with how many shards.

::

    opensearch+https://user:password@host1:9200,host2:9200/prefix?shards=3&replicas=1&ca=/etc/ca.pem
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from archive.errors import ConfigError

SCHEMES = {"opensearch+http": False, "opensearch+https": True}
_FORM = "opensearch+https://user:password@host:9200/prefix?shards=1&replicas=1"
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_MAX_SHARDS, _MAX_REPLICAS = 100, 10


@dataclass(frozen=True, slots=True)
class Address:
    """A cluster, and the archive's place in it."""

    hosts: tuple[tuple[str, int], ...]
    """Name and port of each node that is asked; another is tried when one does not answer."""
    secure: bool
    """HTTPS."""
    prefix: str
    """Name of the alias that is searched; indices are `<prefix>-000001` and so on."""
    user: str = ""
    password: str = ""
    ca: Path | None = None
    """PEM file that the nodes' certificates are checked against; None for the system's."""
    shards: int = 1
    """Primary shards of an index made from now on."""
    replicas: int = 1
    """Copies of each shard beside the primary."""

    def __str__(self) -> str:
        """Without the password: for messages."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{'https' if self.secure else 'http'}://{hosts}/{self.prefix}"


def parse(text: str) -> Address:
    """Read the setting.

    :raises ConfigError: it has another form. The message never holds the password.
    """
    scheme, _, rest = text.partition("://")
    if scheme not in SCHEMES:
        raise _wrong("it begins with neither opensearch+https:// nor opensearch+http://")
    rest, _, query = rest.partition("?")
    authority, _, prefix = rest.partition("/")
    credentials, _, hosts = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    if not _PREFIX.fullmatch(prefix):
        raise _wrong(f"the name after the host, {prefix!r}, must be a-z, 0-9, - or _ and begin with a letter")
    known: dict[str, str] = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(set(known) - {"shards", "replicas", "ca"}):
        raise _wrong(f"{unknown[0]!r} is no option; known are shards, replicas and ca")
    return Address(
        hosts=tuple(_host(item) for item in hosts.split(",")),
        secure=SCHEMES[scheme],
        prefix=prefix,
        user=unquote(user),
        password=unquote(password),
        ca=Path(known["ca"]) if known.get("ca") else None,
        shards=_number("shards", known.get("shards", "1"), 1, _MAX_SHARDS),
        replicas=_number("replicas", known.get("replicas", "1"), 0, _MAX_REPLICAS),
    )


def _host(text: str) -> tuple[str, int]:
    match = _HOST.fullmatch(text)
    if match is None or int(match[2] or 9200) > 65535:
        raise _wrong(f"{text!r} is no host with a port" if "@" not in text else "a host cannot be read")
    return match[1].strip("[]"), int(match[2] or 9200)


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise _wrong(f"{name} is {text!r}, and must be a number from {least} to {most}")
    return int(text)


def _wrong(why: str) -> ConfigError:
    return ConfigError(f"Setting search_engine cannot be read: {why}.", f'Write "whoosh" or {_FORM}.')
