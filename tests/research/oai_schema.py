"""The protocol's own schema as a judge of answers, with that of the metadata inside them.

OAI-PMH.xsd is the published one (`make judges` fetches it); Dublin Core and identifiers are described here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

_PUBLISHED = Path(".venv/oai/OAI-PMH.xsd").absolute()
needs_schema = pytest.mark.skipif(
    not _PUBLISHED.is_file(), reason="needs the schema of OAI-PMH in .venv/oai: make judges"
)

_ELEMENTS = (
    "title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format",
    "identifier", "source", "language", "relation", "coverage", "rights",
)  # fmt: skip
_DC = "http://purl.org/dc/elements/1.1/"
_OAI = "http://www.openarchives.org/OAI/2.0/"
_XS = "http://www.w3.org/2001/XMLSchema"


def schema(folder: Path) -> etree.XMLSchema:
    """
    :param folder: for the schema's own files.
    """
    simple = "".join(f'<xs:element name="{name}" type="xs:string"/>' for name in _ELEMENTS)
    (folder / "dc.xsd").write_text(
        f'<xs:schema xmlns:xs="{_XS}" targetNamespace="{_DC}">{simple}</xs:schema>'
    )
    choice = "".join(f'<xs:element ref="dc:{name}"/>' for name in _ELEMENTS)
    (folder / "oai_dc.xsd").write_text(
        f'<xs:schema xmlns:xs="{_XS}" xmlns:dc="{_DC}" targetNamespace="{_OAI}oai_dc/">'
        f'<xs:import namespace="{_DC}" schemaLocation="dc.xsd"/><xs:element name="dc"><xs:complexType>'
        f'<xs:choice minOccurs="0" maxOccurs="unbounded">{choice}</xs:choice></xs:complexType></xs:element>'
        "</xs:schema>"
    )
    names = ("scheme", "repositoryIdentifier", "delimiter", "sampleIdentifier")
    parts = "".join(f'<xs:element name="{name}" type="xs:string"/>' for name in names)
    (folder / "identifier.xsd").write_text(
        f'<xs:schema xmlns:xs="{_XS}" targetNamespace="{_OAI}oai-identifier" elementFormDefault="qualified">'
        f'<xs:element name="oai-identifier"><xs:complexType><xs:sequence>{parts}</xs:sequence>'
        "</xs:complexType></xs:element></xs:schema>"
    )
    imports = {
        _OAI: _PUBLISHED.as_uri(),
        f"{_OAI}oai_dc/": "oai_dc.xsd",
        f"{_OAI}oai-identifier": "identifier.xsd",
    }
    lines = "".join(
        f'<xs:import namespace="{space}" schemaLocation="{place}"/>' for space, place in imports.items()
    )
    whole = folder / "whole.xsd"
    whole.write_text(f'<xs:schema xmlns:xs="{_XS}">{lines}</xs:schema>')
    return etree.XMLSchema(etree.parse(whole))
