"""VERIFY.txt: how anybody checks an evidence pack, without this archive and without the network."""

from __future__ import annotations

from collections.abc import Sequence

from archive.config import Settings
from archive.model import ArticleView
from archive.preserve.days import DayManifest
from archive.preserve.exporting.manifest import Tally


def instructions(
    view: ArticleView, settings: Settings, tally: Tally, days: Sequence[DayManifest], *, is_stamped: bool
) -> str:
    """The text, in Vietnamese and in English."""
    warcs = [item.path for item in tally.files if item.path.startswith("captures/")]
    facts = {
        "title": view.extraction.title,
        "url": view.article.url,
        "permalink": f"{settings.public_base}/a/{view.article.id}",
        "warcs": "\n".join(f"       warcio check -v {path}" for path in warcs),
        "operator": settings.operator or "–",
    }
    parts = [_VI.format(**facts), _stamps(is_stamped, days, vietnamese=True), _LIMITS_VI, "", "=" * 70, ""]
    parts += [_EN.format(**facts), _stamps(is_stamped, days, vietnamese=False), _LIMITS_EN, ""]
    return "\n".join(parts)


def _stamps(is_stamped: bool, days: Sequence[DayManifest], *, vietnamese: bool) -> str:
    """How the tokens in this very pack are checked; says so when there are none."""
    ca = "-CAfile proof/timestamp-authority.pem"
    lines: list[str] = []
    if is_stamped:
        lines.append(f"       openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr {ca}")
    for day in days:
        if day.token_path.exists():
            data = f"proof/{day.path.name}"
            lines.append(f"       openssl ts -verify -data {data} -in proof/{day.token_path.name} {ca}")
    listed = [f"       sha256sum proof/{day.list_path.name}   # {day.list_sha256}" for day in days]
    if vietnamese:
        none = "   Gói này không có dấu thời gian: các mã băm không chứng minh được ngày lưu."
        told = "   Dấu thời gian RFC 3161 (nếu thiếu tệp .pem, lấy chứng thư từ nơi cấp dấu):"
        day_text = "   Danh mục theo ngày liệt kê mã băm từng bản ghi; đối chiếu với tệp JSON của nó:"
        head = "3. Thời điểm"
    else:
        none = "   This pack carries no timestamp: hashes alone do not prove a date."
        told = "   RFC 3161 timestamps (if the .pem file is missing, get the authority's certificates):"
        day_text = "   A day's manifest lists the hash of each record; compare its list with its JSON file:"
        head = "3. When it was there"
    parts = [head, *([told, *lines] if lines else [none])]
    if listed:
        parts += [day_text, *listed]
    return "\n".join(parts)


_VI = """\
KIỂM CHỨNG GÓI BẰNG CHỨNG

Bài:        {title}
Bản gốc:    {url}
Bản lưu:    {permalink}
Nơi lưu:    {operator}

Mọi bước đều làm được ngoại tuyến, không cần đến kho lưu trữ này.

1. Các tệp còn nguyên vẹn
   Giải nén, mở cửa sổ lệnh trong thư mục đó rồi chạy:
       sha256sum --check SHA256SUMS
   Mỗi dòng phải báo OK (Windows: certutil -hashfile TỆP SHA256, rồi so với SHA256SUMS).

2. Các bản ghi còn đúng như khi thu
   Tệp trong captures/ là WARC 1.1 (ISO 28500), giữ nguyên từng byte máy chủ đã gửi. Với Python:
       pip install warcio
{warcs}
   Xem lại trang: mở tệp đó bằng https://replayweb.page (chạy ngay trong trình duyệt) hoặc pywb.
   Tệp trong article/ là nội dung rút ra từ các bản ghi ấy; .json nói rõ bản ghi nào (warc_file, warc_offset).
"""

_LIMITS_VI = """\

4. Điều gói này chứng minh và không chứng minh
   Mã băm cho thấy dữ liệu không bị sửa từ khi gói được lập. Dấu thời gian cho thấy dữ liệu đã có vào lúc ấy.
   Gói không tự chứng minh rằng máy chủ đã thật sự gửi các byte đó: điều này dựa trên lời của nơi lưu.
   Bản ghi có dòng "imported-from" là do người khác thu và được đưa vào kho về sau.
"""

_EN = """\
HOW TO VERIFY THIS EVIDENCE PACK

Article:    {title}
Original:   {url}
Archived:   {permalink}
Archive:    {operator}

All steps work offline and without this archive.

1. The files are complete and unchanged
   Unpack, open a terminal in that folder and run:
       sha256sum --check SHA256SUMS
   Each line must say OK (Windows: certutil -hashfile FILE SHA256, and compare with SHA256SUMS).

2. The records are as they were captured
   The files in captures/ are WARC 1.1 (ISO 28500), with every byte that the server sent. With Python:
       pip install warcio
{warcs}
   To see the page again, open the file in https://replayweb.page (it runs in your browser) or pywb.
   What is in article/ was read from these records; the .json files say from which (warc_file, warc_offset).
"""

_LIMITS_EN = """\

4. What this proves, and what it does not
   Hashes show that nothing was changed since the pack was made. A timestamp shows that it existed then.
   Nothing here proves by itself that the server sent these bytes: for that you rely on the archive's word.
   Records with a line "imported-from" were captured by others and taken in later.
"""
