"""Good examples, from which bad ones are made."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.documents import examples
from tests.portal.pictures import pdf

_GOLDEN = Path(__file__).parents[1] / "eval" / "golden"

MARKUP = (
    "<html><head><title>Tin</title></head><body><h1>Tin</h1><p>Sáng 28/9/2022, huyện tổ chức hội nghị.</p></body></html>",
    '<meta charset="tcvn"><div class="post"><b>A</b><i>B<p>Ảnh: Thu</p><img src=a.jpg></div>',
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"\\ud800","datePublished":"2022-09-28T99"}</script>',
    "<table><tr><td>1<td>2</table><ul><li>x<ol><li>y</ul>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel><item><link>/x</link></item></channel></rss>",
    "<base href='//['><a href='x'>y</a><form action=x><input name=__VIEWSTATE value=z></form>",
)
QUESTIONS = (
    'tieude:"thi đua" -xã (huyện OR thị trấn) ngay:[2020 TO 2022-09]',
    "q=lễ&site=dam-ha&year=2021&page=2&sort=newest",
    "person=Mai Thắm&from=1/2/2020&to=2022&media=1&exact=0&copies=abcd",
    'ngay:(2021 OR 9/2022) nguoi:"Đỗ Thị Ninh Hường" muc:Tin* NOT a~3',
    "q=\nstatus=gone\nsection=Tin & bài\nlang=vi",
    'AND OR NOT (("a"~99999999 b* [x TO y] -(-(c))',
)
ADDRESSES = (
    "https://www.Dam-Ha.quangninh.gov.vn:443/a/./b/../c?b=1&a=2&utm_source=x#y\n../z?q=%c3%a1",
    "http://xn--tin-bng-n0a.vn/\nhttp:///x",
    "HTTP://user:pw@[::ffff:127.0.0.1]:8080/%2e%2e/%00\n//evil.example\\@good.example",
    "http://0x7f.1/ă?ơ=ư&&=;\njavascript:alert(1)",
    "https://a.vn/tin/(S(abc))/x.aspx?sid=1;jsessionid=2\n?page=2",
    "mailto:x@y\nhttp://①②⑦.⓪.⓪.①/",
)
DAYS = (
    "Thứ Tư, 28/09/2022 15:30", "2022-09-28T15:30:00+07:00", "Wed, 28 Sep 2022 15:30:00 GMT", "ngày 28 tháng 9 năm 2022",
    "20220928153000", "[1/2020 TO 12/2021]", "từ ngày 1 đến ngày 3/10/2022", "mùng 5 tháng Giêng năm Nhâm Dần",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "3 ngày trước", "120", "September 28, 2022", "2022年9月28日",
    "hôm qua, 30/2/2021 24:61", "kỷ niệm 60 năm Ngày thành lập (30/10/1963 – 30/10/2023)", "quý IV/2021", "15h30’",
    "User-agent: *\nDisallow: /*?x=$\nAllow: /\nCrawl-delay: 1e9\nSitemap: //[",
)  # fmt: skip
FORMS = (
    "article\nabcd1234\nTheo yêu cầu\n410", "http://portal.example/tin/1.html\nname\nNguyễn Văn A\n451\nhttps://toa.example/",
    "crawl\ndam-ha\n1\nindex\nverify", "<script>\n{{7*7}}\n' OR 1=1 --", "version\nabcd/v/1\n\n", "picture\n/media/" + "0" * 64,
    "99999999999999999999\n-1\n0x1\nNaN", "[site]\nname = 'x'\ntitle = ['h1']\n",
)  # fmt: skip


@functools.cache
def pages() -> tuple[bytes, ...]:
    """Golden pages, the smaller ones."""
    files = sorted(_GOLDEN.glob("*.html"), key=lambda path: (path.stat().st_size, path.name))
    return tuple(path.read_bytes() for path in files[:40])


def _warc(packed: bool) -> bytes:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "Wget/1.21"}))
    for number, body in enumerate(
        (b"<h1>Tin</h1><p>" + "Huyện tổ chức lễ.".encode() * 30, b"\xff\xd8\xff" + b"x" * 50)
    ):
        kind = "text/html; charset=utf-8" if number == 0 else "image/jpeg"
        url, dated = f"http://portal.example/tin/{number}.html", {"WARC-Date": "2019-05-01T08:00:00Z"}
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
        given = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
        for name, payload, head in (("request", b"", asked), ("response", body, given)):
            record = writer.create_warc_record(
                url, name, payload=io.BytesIO(payload), warc_headers_dict=dated, http_headers=head
            )
            writer.write_record(record)
            record.raw_stream.close()
    return file.getvalue()


@functools.cache
def warcs() -> tuple[bytes, ...]:
    """Packed and not."""
    return _warc(True), _warc(False)


@functools.cache
def waczs() -> tuple[bytes, ...]:
    """A package of version 1.1.1, and such that lie."""
    return tuple(
        _wacz(*names) for names in (("archive/a.warc.gz",), ("archive/../../canary", "archive/a.warc.gz"), ())
    )


def _wacz(*names: str) -> bytes:
    file, data = io.BytesIO(), _warc(True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        listed = []
        for name in names:
            package.writestr(name, data)
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            listed.append({"name": name.rpartition("/")[2], "path": name, "hash": digest, "bytes": len(data)})
        package.writestr(
            "pages/pages.jsonl", '{"format": "json-pages-1.0"}\n{"url": "http://portal.example/tin/0.html"}\n'
        )
        package.writestr(
            "datapackage.json",
            json.dumps({"profile": "data-package", "wacz_version": "1.1.1", "resources": listed}),
        )
    return file.getvalue()


@functools.cache
def documents() -> tuple[bytes, ...]:
    """Attached files whose text is read."""
    return (
        pdf("Plan 208 of the district", 2), examples.encrypted_pdf(""), examples.DOC, examples.RTF, examples.xls(),
        examples.docx(), examples.xlsx(),
    )  # fmt: skip


@functools.cache
def packages() -> tuple[bytes, ...]:
    """Those of them that are ZIP archives."""
    return examples.docx(), examples.xlsx()
