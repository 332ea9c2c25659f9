"""The XML of OAI-PMH 2.0: the envelope of an answer, headers, records."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from archive.store.harvest import Stamped
from archive.web.harvest.dublin_core import Element

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = f"{OAI}oai_dc/"
OAI_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LOCATION = f"{{{_XSI}}}schemaLocation"
_IDENTIFIER = f"{OAI}oai-identifier"
# What XML 1.0 cannot hold, not even as a reference.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Node = Any
"""An element of lxml, which has no types."""


def envelope(base: str, attributes: Mapping[str, str]) -> Node:
    """The root of an answer, with its time and the request that it answers.

    :param attributes: the arguments; none when they were at fault.
    """
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": _XSI})
    root.set(_LOCATION, f"{OAI} {OAI}OAI-PMH.xsd")
    add(root, "responseDate", instant(dt.datetime.now(dt.UTC)))
    asked = add(root, "request", base)
    for name, value in attributes.items():
        asked.set(name, value)
    return root


def add(parent: Node, name: str, text: str | None = None) -> Node:
    """A child element of the protocol."""
    node = etree.SubElement(parent, f"{{{OAI}}}{name}")
    if text is not None:
        node.text = _NO_XML.sub("", text)
    return node


def header(parent: Node, item: Stamped, identifier: str) -> None:
    """What is told of a record without its metadata."""
    node = add(parent, "header")
    if item.deleted:
        node.set("status", "deleted")
    add(node, "identifier", identifier)
    add(node, "datestamp", instant(item.at))
    add(node, "setSpec", item.site)


def metadata(record: Node, elements: Iterable[Element]) -> None:
    """A record's Dublin Core."""
    node = etree.SubElement(
        add(record, "metadata"), f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": _DC, "xsi": _XSI}
    )
    node.set(_LOCATION, f"{OAI_DC} {OAI_DC_SCHEMA}")
    for name, text in elements:
        etree.SubElement(node, f"{{{_DC}}}{name}").text = _NO_XML.sub("", text)


def identifier_scheme(parent: Node, host: str, sample: str) -> None:
    """The description of how identifiers are made (guideline "oai-identifier")."""
    node = etree.SubElement(
        add(parent, "description"), f"{{{_IDENTIFIER}}}oai-identifier", nsmap={None: _IDENTIFIER, "xsi": _XSI}
    )
    node.set(_LOCATION, f"{_IDENTIFIER} {_IDENTIFIER}.xsd")
    for name, text in (
        ("scheme", "oai"),
        ("repositoryIdentifier", host),
        ("delimiter", ":"),
        ("sampleIdentifier", sample),
    ):
        etree.SubElement(node, f"{{{_IDENTIFIER}}}{name}").text = text


def written(root: Node) -> bytes:
    """The answer's bytes."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def instant(moment: dt.datetime) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
