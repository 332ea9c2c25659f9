"""HTTP messages as the blocks of WARC records, and back.

The body stands in the record as `Exchange.payload` has it: content-coding kept, transfer-coding removed. So
a `Transfer-Encoding` field would be false there and is kept under another name (as browsertrix-crawler does).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from archive.model import Exchange, Headers

_TRANSFER = "transfer-encoding"
_KEPT_TRANSFER = "X-Orig-Transfer-Encoding"


def request_block(exchange: Exchange) -> bytes:
    """The request as it was sent."""
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = f"{exchange.method} {target} HTTP/1.1"
    fields = exchange.request_headers
    if not any(name.lower() == "host" for name, _ in fields):
        fields = (("Host", parts.netloc.rpartition("@")[2]), *fields)
    return _head(head, fields) + exchange.request_body


def response_head(exchange: Exchange) -> bytes:
    """Status line and header fields of the response, with the empty line."""
    fields = tuple(
        (_KEPT_TRANSFER if name.lower() == _TRANSFER else name, value) for name, value in exchange.headers
    )
    return _head(f"HTTP/1.1 {exchange.status} {exchange.reason}".rstrip(), fields)


def split_message(block: bytes) -> tuple[str, Headers, bytes]:
    """First line, header fields and body of an HTTP message.

    :raises ValueError: the block has no complete head.
    """
    for end in (b"\r\n\r\n", b"\n\n"):
        head, found, body = block.partition(end)
        if found:
            break
    else:
        raise ValueError("the HTTP head has no end")
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    fields: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and fields:  # a folded field, as old servers send
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name, value.strip()))
    return lines[0], tuple(fields), body


def response_fields(fields: Headers) -> Headers:
    """Header fields of a response as the server sent them: `response_head` undone."""
    return tuple(("Transfer-Encoding" if name == _KEPT_TRANSFER else name, value) for name, value in fields)


def _head(first: str, fields: Headers) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in fields)]
    # Header values come Latin-1 decoded; a line break inside one would forge another field.
    clean = (line.replace("\r", " ").replace("\n", " ") for line in lines)
    return "\r\n".join(clean).encode("latin-1", "replace") + b"\r\n\r\n"
