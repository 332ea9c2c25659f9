"""Citations: nothing a title holds breaks a format, and names stay whole."""

from __future__ import annotations

import datetime as dt
import json
from html.parser import HTMLParser

from flask.testing import FlaskClient

from archive.web.citation import Citation, bibtex, ris, robust_link, wikipedia
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


def test_bibtex_braces_balance_and_specials_are_escaped() -> None:
    text = bibtex(HARD)
    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert r"17,5\% \{và\}" in text
    assert "author = {{Mai Thắm} and {Quốc Nghị}}," in text
    assert "date = {2022-09-28}," in text


def test_ris_has_one_record_whatever_the_title() -> None:
    lines = ris(HARD).split("\r\n")
    assert [line for line in lines if line.startswith(("TY", "ER"))] == ["TY  - NEWS", "ER  - "]
    assert all(line[2:6] == "  - " for line in lines if line)
    assert "AU  - Mai Thắm" in lines


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
    html = client.get(f"/a/{filled.real}", follow_redirects=True).text
    assert '<meta name="citation_author" content="Quốc Nghị">' in html
    assert '<meta name="citation_publication_date" content="2022/09/28">' in html
    assert 'property="og:image" content="http://127.0.0.1:8000/media/' in html
