"""Small generated photographs: sky, hills, a red banner, all drawn from the picture's name."""

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
