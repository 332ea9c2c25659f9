"""The header fields of mementos: RFC 7089's, and the captured server's own under another name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.memento.linkformat import Link
from archive.model import Capture, Headers
from archive.store.mementos import Neighbours
from archive.web import links as own_links
from archive.web.memento import asked

ORIGINAL = "X-Archive-Orig-"
"""What the captured server's header fields are called in the replay, as other web archives call them."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_NOT_PASSED_ON = frozenset({"set-cookie", "set-cookie2"})
_MAX_FIELDS = 60
_MAX_BYTES = 8_192
"""Of all fields together: servers in front of ours refuse heads of more than a few ten kilobytes."""


def links(url: str, near: Neighbours, capture: Capture) -> Iterator[Link]:
    """Original, TimeGate, TimeMap, and the mementos: this one, the first, the last, and those beside it.

    :param url: the original address.
    :param capture: the memento that is meant; one that is several things at once has one link with all.
    """
    yield from asked.addresses(url).common()
    roles: dict[str, tuple[list[str], Capture]] = {asked.memento(capture): ([], capture)}
    for name, item in (
        ("first", near.first),
        ("prev", near.previous),
        ("next", near.next),
        ("last", near.last),
    ):
        if item is not None:
            roles.setdefault(asked.memento(item.capture), ([], item.capture))[0].append(name)
    for address, (names, item_capture) in roles.items():
        yield Link(own_links.absolute(address), " ".join([*names, "memento"]), at=item_capture.at)


def originals(fields: Headers) -> Iterator[tuple[str, str]]:
    """The captured fields, renamed; cookies left out, odd ones too, and all within bounds."""
    size = 0
    for name, value in fields[:_MAX_FIELDS]:
        clean = "".join(char for char in value if char.isprintable() and ord(char) < 256).strip()
        size += len(name) + len(clean)
        if not _NAME.fullmatch(name) or name.lower() in _NOT_PASSED_ON or size > _MAX_BYTES:
            continue
        yield f"{ORIGINAL}{name}", clean
