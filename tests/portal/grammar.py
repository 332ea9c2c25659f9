"""Invented news articles, deterministic from a seed, and the truth about each.

`article(seed, i, total)` needs nothing but its arguments, so any number can be made lazily and in any order; benchmarks use
it without a server.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tests.portal import phrases
from tests.portal.phrases import DISTRICTS, SECTIONS, District

FIRST_DAY = dt.date(2011, 1, 3)
BASE_DAY = dt.date(2025, 6, 30)
"""The sample portal's today, unless it is moved: the last day of the districts."""
REAL_DAY = dt.datetime(2022, 9, 28, 15, 30)  # noqa: DTZ001 - local time as the page shows it
REAL_TEXT = Path(__file__).parent / "data" / "dam-ha-2022-09-28.txt"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture and its caption, in one of the seven forms of caption markup (6: only an alt text)."""

    form: int
    caption: str
    picture: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Para:
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Said:
    text: str


Part = Para | Head | Items | Grid | Said | Figure


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """One article and what a perfect reader would find in it."""

    index: int
    district: District
    section: int
    title: str
    lead: str
    parts: tuple[Part, ...]
    byline: str
    authors: tuple[str, ...]
    organisation: str
    published: dt.datetime
    """Local time, as the page shows it."""
    people: tuple[tuple[str, str], ...]
    """Name and office, as reported."""
    nfd: bool = False
    """The page writes the title in decomposed form."""

    @property
    def paragraphs(self) -> list[str]:
        return [part.text for part in self.parts if isinstance(part, Para)]

    @property
    def captions(self) -> list[str]:
        return [part.caption for part in self.parts if isinstance(part, Figure) and part.caption]

    @property
    def figures(self) -> list[Figure]:
        return [part for part in self.parts if isinstance(part, Figure)]

    def body(self) -> list[str]:
        """The body's texts in reading order, captions not among them."""
        texts: list[str] = []
        for part in self.parts:
            match part:
                case Para(text) | Head(text) | Said(text):
                    texts.append(text)
                case Items(items):
                    texts.extend(items)
                case Grid(rows):
                    texts.extend(" ".join(row) for row in rows)
                case Figure():
                    pass
        return texts


def published(i: int, total: int) -> dt.datetime:
    """When article `i` of `total` was published; later ones come every eight hours after `BASE_DAY`."""
    if i >= total:
        return dt.datetime.combine(BASE_DAY, dt.time(16)) + dt.timedelta(hours=8 * (i - total + 1))
    minutes = ((BASE_DAY - FIRST_DAY).days * 24 * 60 - 16 * 60) * i // max(1, total - 1)
    moment = dt.datetime.combine(FIRST_DAY, dt.time(7)) + dt.timedelta(minutes=minutes)
    return moment.replace(hour=7 + moment.hour % 12)


@lru_cache(maxsize=64)
def real_index(total: int) -> int:
    """The index that the real article takes: the slot of its portal nearest to its day."""
    slots = range(0, total, len(DISTRICTS))
    return min(slots, key=lambda i: abs(published(i, total) - REAL_DAY))


def district_of(i: int) -> District:
    """The district that article `i` belongs to."""
    return DISTRICTS[i % len(DISTRICTS)]


def topic_of(seed: int, i: int) -> int:
    """Index of the topic of article `i`: cheap, so that sections can be listed without making texts."""
    return ((i + 1) * 2654435761 + seed * 40503) % 4294967296 % len(phrases.TOPICS)


def section_of(seed: int, i: int, total: int) -> int:
    """Index of the section of article `i`."""
    return 0 if i == real_index(total) else phrases.TOPICS[topic_of(seed, i)][0]


def article(seed: int, i: int, total: int = 600) -> SampleArticle:
    """Article `i` of `total`, always the same for the same arguments."""
    if i == real_index(total):
        return real_article(i)
    return _Writer(seed, i, total).write()


def edited(sample: SampleArticle, kind: int) -> SampleArticle:
    """The article after a quiet edit: 0 its title, 1 a figure in its text, 2 a caption (or its title)."""
    if kind == 1 or (kind == 2 and not sample.captions):
        first = sample.parts.index(next(part for part in sample.parts if isinstance(part, Para)))
        text = sample.paragraphs[0] + " Số liệu đã được đính chính: 137 hộ."
        return replace(sample, parts=(*sample.parts[:first], Para(text), *sample.parts[first + 1 :]))
    if kind == 2:
        parts = [
            replace(part, caption=f"{part.caption} (ảnh tư liệu)")
            if isinstance(part, Figure) and part.caption
            else part
            for part in sample.parts
        ]
        return replace(sample, parts=tuple(parts))
    return replace(sample, title=f"{sample.title} (cập nhật)")


class _Writer:
    """Writes one article; all choices come from one random stream seeded by its number."""

    def __init__(self, seed: int, i: int, total: int) -> None:
        self.seed, self.i = seed, i
        self.random = random.Random(f"{seed}/{i}")
        self.district = district_of(i)
        self.published = published(i, total)
        self.people: list[tuple[str, str]] = []
        self.section, self.title_form, self.kind, self.subject = phrases.TOPICS[topic_of(seed, i)]
        self.place = self.random.choice(self.district.communes)

    def write(self) -> SampleArticle:
        title = self._fill(self.title_form)
        title = title[0].upper() + title[1:]
        lead = self._fill(self.random.choice(phrases.LEADS))
        parts = self._parts()
        authors, organisation, byline = self._byline()
        return SampleArticle(
            index=self.i,
            district=self.district,
            section=self.section,
            title=title,
            lead=lead,
            parts=tuple(parts),
            byline=byline,
            authors=authors,
            organisation=organisation,
            published=self.published,
            people=tuple(self.people),
            nfd=self.i % 61 == 5,
        )

    def _parts(self) -> list[Part]:
        choice = self.random
        sentences = choice.sample(phrases.SENTENCES, choice.randint(8, 12))
        parts: list[Part] = []
        while sentences:
            take = min(len(sentences), choice.choice((1, 1, 2)))
            parts.append(Para(" ".join(self._fill(sentences.pop()) for _ in range(take))))
        if choice.random() < 0.15:
            parts.insert(2, Head(choice.choice(phrases.HEADINGS)))
        if choice.random() < 0.12:
            items = tuple(self._fill("{p}: {n} hộ, đạt {f2}%;") for _ in range(3))
            parts.insert(len(parts) - 1, Items(items))
        if choice.random() < 0.08:
            rows = [("Đơn vị", "Số hộ", "Tỷ lệ (%)")]
            rows += [tuple(self._fill(form) for form in ("{p}", "{n}", "{f2}")) for _ in range(3)]  # type: ignore[misc]
            parts.insert(len(parts) - 1, Grid(tuple(rows)))
        if choice.random() < 0.1:
            parts.insert(3, Said(choice.choice(phrases.QUOTES)))
        for number in range(choice.choice((0, 1, 1, 2, 2, 3))):
            parts.insert(min(len(parts), 1 + 3 * number), self._figure(number))
        return parts

    def _figure(self, number: int) -> Figure:
        form = _FORMS[self.district.family][
            (self.i // len(DISTRICTS) + number) % len(_FORMS[self.district.family])
        ]
        caption = self._fill(self.random.choice(phrases.CAPTIONS))
        name = f"{self.published:%Y/%m}/anh-{self.i}-{number + 1}.jpg"
        return Figure(form, "" if form == 6 else caption, name, caption if form == 6 else "")

    def _byline(self) -> tuple[tuple[str, ...], str, str]:
        names = tuple(self._name() for _ in range(self.random.choice((1, 1, 2))))
        newsroom = self.district.newsroom
        form = self.random.randrange(4)
        if form == 0:
            return names, newsroom, f"{' – '.join(names)} ({newsroom})"
        if form == 1:
            return names, "", f"Tin, ảnh: {', '.join(names)}"
        if form == 2:
            return names[:1], "", f"Tác giả: {names[0]}"
        return names, "", " - ".join(names)

    def _name(self) -> str:
        choice = self.random.choice
        return f"{choice(phrases.FAMILY_NAMES)} {choice(phrases.MIDDLE_NAMES)} {choice(phrases.GIVEN_NAMES)}"

    def _fill(self, form: str) -> str:
        return form.format_map(_Slots(self))


_FORMS = {
    # Which of the caption forms a family's editors use; every form occurs in at least one of them.
    "wordpress": (1, 5, 3, 7, 6),
    "nukeviet": (1, 3, 4, 2, 7, 6),
    "sharepoint": (2, 3, 4, 7, 5),
}


class _Slots(dict[str, str]):
    """Fills a form's slots on demand, so that only those used cost a random choice."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = writer

    def __missing__(self, slot: str) -> str:
        value = self._value(slot)
        self[slot] = value
        return value

    def _value(self, slot: str) -> str:
        writer, district = self._writer, self._writer.district
        choice, number = writer.random.choice, writer.random.randint
        day = writer.published.date() - dt.timedelta(days=number(0, 2))
        match slot:
            case "d" | "D":
                return f"{'huyện' if slot == 'd' else 'Huyện'} {district.name}"
            case "p":
                return choice(district.communes) if number(0, 2) else writer.place
            case "p2":
                return choice(district.communes)
            case "P":
                return writer.place[0].upper() + writer.place[1:]
            case "v":
                return choice(district.villages)
            case "t":
                return district.province
            case "name":
                self["name"] = name = writer._name()
                self["office"] = office = choice(phrases.OFFICES)
                writer.people.append((name, office))
                return name
            case "office":
                return choice(phrases.OFFICES)
            case "organ":
                return choice(phrases.ORGANS)
            case "kind":
                return writer.kind
            case "subject":
                return writer.subject
            case "k":
                return choice(("II", "III", "IV", "V", "VII", "9", "12", "15"))
            case "y":
                return str(writer.published.year)
            case "y1":
                return str(writer.published.year + 1)
            case "m":
                return choice(("6", "9"))
            case "n":
                return str(number(21, 480))
            case "n2":
                return str(number(2, 60))
            case "N":
                return f"{number(1, 9)}.{number(0, 999):03d}"
            case "M":
                return f"{number(28, 96)},{number(0, 9)}"
            case "f" | "f2" | "f3":
                return f"{number(*_RANGES[slot])},{number(0, 9)}"
            case "doc":
                return f"{number(11, 999)}/{choice(('QĐ-UBND', 'KH-UBND', 'TB-UBND'))}"
            case "res":
                return f"{number(2, 60):02d}-NQ/HU"
            case "dm":
                return choice((f"{day.day}/{day.month}/{day.year}", f"{day.day:02d}-{day.month:02d}-{day.year}", f"{day.day}.{day.month}.{day.year}", f"{day.day} tháng {day.month} năm {day.year}"))  # fmt: skip
            case "dm2":
                return f"{number(10, 28)}/12"
            case "r1":
                return str(number(1, 12))
            case "r2":
                return f"{number(13, 28)}/{day.month}"
            case "a":
                return choice(("60", "65", "70", "75"))
            case "ad":
                return "28/10/1948"
            case "ad2":
                return f"28/10/{writer.published.year}"
            case "when" | "when_low":
                text = choice((f"Sáng ngày {day.day}/{day.month}", f"Chiều {day.day}/{day.month}", f"Ngày {day.day}-{day.month}", f"Tối ngày {day.day}.{day.month}", f"Sáng {day.day}-{day.month}"))  # fmt: skip
                return text if slot == "when" else text[0].lower() + text[1:]
        raise KeyError(slot)


_RANGES = {"f": (2, 28), "f2": (71, 99), "f3": (1, 6)}


@lru_cache(maxsize=1)
def real_lines() -> tuple[str, ...]:
    """The paragraphs of the real article's file: slogan, title, lead, body and caption lines, byline."""
    text = unicodedata.normalize("NFC", REAL_TEXT.read_text("utf-8"))
    return tuple(" ".join(line.split()) for line in text.split("\n\n") if line.strip())


REAL_CAPTIONS = (3 + 2, 3 + 5, 3 + 8)
"""Which of `real_lines` are captions."""


def real_article(index: int) -> SampleArticle:
    """The real article, word for word, as its portal laid it out."""
    lines = real_lines()
    parts: list[Part] = []
    forms = iter((1, 5, 7))
    for number, line in enumerate(lines[3:-1], 3):
        if number in REAL_CAPTIONS:
            parts.append(Figure(next(forms), line, f"2022/09/le-phat-dong-{number}.jpg"))
        else:
            parts.append(Para(line))
    return SampleArticle(
        index=index,
        district=phrases.DAM_HA,
        section=0,
        title=lines[1],
        lead=lines[2],
        parts=tuple(parts),
        byline=lines[-1],
        authors=("Mai Thắm", "Quốc Nghị"),
        organisation="Trung tâm TT&VH",
        published=REAL_DAY,
        people=(
            ("Đỗ Thị Ninh Hường", "Tỉnh ủy viên, Bí thư Huyện ủy"),
            ("Trần Việt Dũng", "Chủ tịch UBND huyện, Chủ tịch Hội đồng Thi đua Khen thưởng huyện"),
        ),
    )


def sections() -> tuple[tuple[str, str, int], ...]:
    """Name, slug and SharePoint number of the sections that every portal has."""
    return SECTIONS
