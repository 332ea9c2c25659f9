"""Citations: nothing a title holds breaks a format, and names stay whole."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import io
import json
import re
from html.parser import HTMLParser

import mwparserfromhell
import pytest
import rispy  # type: ignore[import-untyped]
from bibtexparser.entrypoint import parse_string
from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from flask.testing import FlaskClient
from PIL import Image

from archive.web.citation import Citation, bibtex, csl, ris, robust_link, wikipedia
from tests.web.conftest import Filled

HARD = Citation(
    key="abcd2345v1",
    title='Tăng 17,5% {và} "R&D" | <b>#1</b>\nER  - ',
    authors=("Mai Thắm", "Quốc Nghị"),
    organisation="Trung tâm TT&VH",
    portal="Cổng TTĐT huyện Đầm Hà",
    issued=dt.date(2022, 9, 28),
    original="http://huyendamha.vn/a?b=1&c={2}",
    permalink="https://kho.example.vn/a/abcd2345/v/1",
    archived=dt.date(2026, 11, 20),
)


HOSTILE = (
    HARD.title,
    "}} @online{x, title = {y}}",
    "{",
    "\\",
    "a, author = {Kẻ khác}",
    'Nói "thật" và “đúng”',
    "50 % & $x_1^2~#",
    "dòng một\r\nER  - \r\nTY  - JOUR",
    "@string{a = 1}",
    "Ủy ban nhân dân xã Quảng An",
)


TEX = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    **{f"\\{sign}": sign for sign in "%&#_$"},
}


def printed(value: str) -> str:
    """What a typesetter would print of our escapes."""
    escapes = "|".join(re.escape(written) for written in TEX)
    return re.sub(escapes, lambda found: TEX[found[0]], value.removeprefix("{").removesuffix("}"))


@pytest.mark.parametrize("title", HOSTILE)
def test_bibtexparser_reads_back_what_was_cited(title: str) -> None:
    item = dataclasses.replace(HARD, title=title)
    text = bibtex(item)
    assert text.count("{") == text.count("}"), "BibTeX counts a brace behind a backslash too"
    library = parse_string(text)
    assert library.failed_blocks == []
    assert [block.entry_type for block in library.entries] == ["online"]
    assert len(library.blocks) == 1
    fields = {field.key: str(field.value) for field in library.entries[0].fields}
    assert library.entries[0].key == "abcd2345v1"
    assert printed(fields["title"]) == " ".join(title.split())
    assert fields["author"] == "{Mai Thắm} and {Quốc Nghị}"
    assert (fields["date"], fields["urldate"]) == ("2022-09-28", "2026-11-20")
    assert fields["url"] == HARD.permalink
    assert fields["langid"] == "vietnamese"


@pytest.mark.parametrize("title", HOSTILE)
def test_rispy_reads_back_what_was_cited(title: str) -> None:
    item = dataclasses.replace(HARD, title=title)
    (entry,) = rispy.loads(ris(item))
    assert entry["type_of_reference"] == "NEWS"
    assert entry["title"] == " ".join(title.split())
    assert entry["authors"] == ["Mai Thắm", "Quốc Nghị"]
    assert entry["secondary_title"] == HARD.portal
    assert entry["year"] == "2022"
    assert entry["urls"] == [HARD.permalink]
    assert entry["language"] == "vi"
    assert entry["accession_number"] == HARD.key


def test_an_article_without_date_and_authors_is_still_one_record() -> None:
    bare = dataclasses.replace(HARD, authors=(), organisation="", issued=None)
    (entry,) = rispy.loads(ris(bare))
    assert not {"authors", "year", "date"} & entry.keys()
    fields = {field.key for field in parse_string(bibtex(bare)).entries[0].fields}
    assert not {"author", "date"} & fields
    assert not {"author", "issued"} & csl(bare)[0].keys()


def test_the_wikipedia_template_is_not_ended_by_a_title() -> None:
    text = wikipedia(HARD)
    assert text.count("{{") == text.count("}}") == 1
    assert "|tác giả=Mai Thắm, Quốc Nghị" in text


def test_a_robust_link_is_one_link_with_its_three_addresses() -> None:
    found: list[dict[str, str | None]] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append({"tag": tag, **dict(attrs)})

    Links().feed(robust_link(HARD))
    assert len(found) == 1
    assert found[0]["data-originalurl"] == HARD.original
    assert found[0]["data-versionurl"] == HARD.permalink
    assert found[0]["data-versiondate"] == "2026-11-20"


def test_files_are_served_for_each_version(client: FlaskClient, filled: Filled) -> None:
    entry = json.loads(client.get(f"/a/{filled.real}/v/1/cite.json").data)[0]
    assert entry["author"] == [{"literal": "Mai Thắm"}, {"literal": "Quốc Nghị"}]
    assert entry["issued"] == {"date-parts": [[2022, 9, 28]]}
    assert entry["URL"] == f"http://127.0.0.1:8000/a/{filled.real}/v/1"
    assert client.get(f"/a/{filled.real}/v/1/cite.bib").text.startswith("@online{")
    assert client.get(f"/a/{filled.real}/v/1/cite.ris").text.startswith("TY  - NEWS\r\n")
    assert client.get(f"/a/{filled.real}/v/1/cite.exe").status_code == 404
    assert client.get(f"/a/{filled.real}/v/9/cite.bib").status_code == 404


def test_cards_and_highwire_tags(client: FlaskClient, filled: Filled) -> None:
    page = client.get(f"/a/{filled.real}", follow_redirects=True).text
    assert '<meta name="citation_author" content="Quốc Nghị">' in page
    assert '<meta name="citation_publication_date" content="2022/09/28">' in page
    assert '<meta name="citation_fulltext_html_url" content="http://127.0.0.1:8000/a/' in page
    assert '<meta name="DC.creator" content="Mai Thắm">' in page


def test_a_card_shows_the_articles_picture_in_its_shape(client: FlaskClient, filled: Filled) -> None:
    page = client.get(f"/a/{filled.real}", follow_redirects=True).text
    found = re.search(r'property="og:image" content="http://127.0.0.1:8000(/media/[^"]+/card.jpg)"', page)
    assert found
    answer = client.get(found[1])
    assert answer.mimetype == "image/jpeg"
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == (1200, 630)
    assert 'property="og:image:alt" content="Đại biểu dự Lễ phát động"' in page
    again = client.get(found[1], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    bare = client.get(f"/a/{filled.undated}", follow_redirects=True).text
    own = re.search(r'property="og:image" content="http://127.0.0.1:8000(/static/card.png[^"]*)"', bare)
    assert own
    assert client.get(own[1]).mimetype == "image/png"


STYLE = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>all that is told</title><id>told</id><updated>2026-01-01T00:00:00+00:00</updated></info>
<citation><layout><text variable="title"/></layout></citation>
<bibliography><layout><group delimiter=" / ">
<names variable="author"><name delimiter="; " and="text"/></names>
<text variable="title"/><text variable="container-title"/><text variable="publisher"/>
<date variable="issued" form="numeric" date-parts="year-month-day"/>
<date variable="accessed" form="numeric" date-parts="year-month-day"/>
<text variable="archive"/><text variable="URL"/><text variable="note"/></group></layout></bibliography>
</style>"""


@pytest.mark.parametrize("title", HOSTILE)
def test_citeproc_typesets_what_was_cited(title: str) -> None:
    item = dataclasses.replace(HARD, title=title, archive="Kho tin huyện")
    source = CiteProcJSON(json.loads(json.dumps(csl(item))))
    style = CitationStylesStyle(io.BytesIO(STYLE.encode()), locale="en-US")
    typeset = CitationStylesBibliography(style, source, formatter.plain)
    typeset.register(Cited([CitationItem(item.key)]))
    (line,) = map(str, typeset.bibliography())
    assert line.split(" / ") == [
        "Mai Thắm and Quốc Nghị",
        " ".join(title.split()),
        "Cổng TTĐT huyện Đầm Hà",
        "Trung tâm TT&VH",
        "09/28/2022",
        "11/20/2026",
        "Kho tin huyện",
        HARD.permalink,
        f"Bản gốc: {HARD.original}",
    ]


def test_csl_says_where_the_copy_is_held() -> None:
    (entry,) = csl(dataclasses.replace(HARD, archive="Kho tin huyện"))
    assert (entry["archive"], entry["archive_location"]) == ("Kho tin huyện", HARD.permalink)
    assert entry["accessed"] == {"date-parts": [[2026, 11, 20]]}


@pytest.mark.parametrize("title", HOSTILE)
def test_wikipedias_parser_reads_one_template_with_its_fields(title: str) -> None:
    code = mwparserfromhell.parse(wikipedia(dataclasses.replace(HARD, title=title)))
    (template,) = code.filter_templates()
    assert str(code) == str(template), "nothing spills out of the template"
    assert template.name.matches("Chú thích web")
    said = {str(item.name).strip(): item.value.strip_code().strip() for item in template.params}
    assert html.unescape(said["tựa đề"]) == " ".join(title.split())
    assert said["tác giả"] == "Mai Thắm, Quốc Nghị"
    assert said["url lưu trữ"] == HARD.permalink
    assert (said["ngày"], said["ngày lưu trữ"]) == ("2022-09-28", "2026-11-20")
