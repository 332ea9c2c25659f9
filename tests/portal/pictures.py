"""Small generated photographs and files: sky, hills, a red banner, all drawn from the picture's name."""

from __future__ import annotations

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

SIZE = (320, 213)


@lru_cache(maxsize=4096)
def jpeg(name: str) -> bytes:
    """The JPEG for a name, always the same for the same name."""
    choice = random.Random(name)
    sky, land, cloth = (
        tuple(choice.randint(*span) for _ in range(3)) for span in ((150, 240), (40, 140), (120, 250))
    )
    picture = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(picture)
    horizon = choice.randint(90, 140)
    ridge = [(x, horizon - choice.randint(0, 50)) for x in range(40, 320, 40)]
    draw.polygon([(0, horizon), *ridge, (320, horizon), (320, 213), (0, 213)], fill=land)
    draw.rectangle((40, 20, 280, 55), fill=(190, 25, 30))
    draw.rectangle((60, 32, 60 + choice.randint(80, 200), 42), fill=(250, 220, 70))
    for _ in range(choice.randint(4, 9)):
        x, height = choice.randint(20, 290), choice.randint(30, 60)
        draw.ellipse((x, 150 - height, x + 14, 164 - height), fill=(225, 185, 150))
        draw.rectangle((x - 4, 164 - height, x + 18, 200), fill=cloth)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()


@lru_cache(maxsize=1)
def pixel() -> bytes:
    """A transparent 1x1 GIF, as counters use."""
    out = io.BytesIO()
    Image.new("P", (1, 1)).save(out, "GIF", transparency=0)
    return out.getvalue()


def pdf(text: str, pages: int = 1) -> bytes:
    """A PDF with one line of text, which has no accents, on each page."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * pages, pages),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    body, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 5\n0000000000 65535 f \n" + table + end
