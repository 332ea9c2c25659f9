"""Old encodings: what is certain is repaired, everything else is left as it is."""

from __future__ import annotations

import json
import unicodedata
from importlib import resources

import pytest

from archive.text.legacy import is_syllable, repair

TEXT = (
    "Sáng ngày 28/9, huyện Đầm Hà đã tổ chức Lễ phát động đợt thi đua đặc biệt chào mừng kỷ niệm 60 năm "
    "Ngày thành lập tỉnh Quảng Ninh; đồng chí Đỗ Thị Ninh Hường phát biểu chỉ đạo tại buổi lễ."
)


def _by_table(name: str, text: str) -> str:
    table = json.loads((resources.files("archive.text") / "tables" / f"{name}.json").read_text("utf-8"))[
        "map"
    ]
    return "".join(table.get(letter, letter) for letter in text)


def _viqr(text: str) -> str:
    marks = {
        "\u0302": "^",
        "\u0306": "(",
        "\u031b": "+",
        "\u0301": "'",
        "\u0300": "`",
        "\u0309": "?",
        "\u0303": "~",
        "\u0323": ".",
    }
    result = []
    for letter in text:
        parts = unicodedata.normalize("NFD", {"đ": "d", "Đ": "D"}.get(letter, letter))
        shape = [mark for mark in parts[1:] if mark in "\u0302\u0306\u031b"]
        tone = [mark for mark in parts[1:] if mark not in "\u0302\u0306\u031b"]
        doubled = parts[0].lower() if letter in "đĐ" else ""
        result.append(parts[0] + doubled + "".join(marks[mark] for mark in [*shape, *tone]))
    return "".join(result)


@pytest.mark.parametrize("name", ["tcvn3", "vni_windows"])
def test_a_font_encoded_text_comes_back_letter_by_letter(name: str) -> None:
    lower = TEXT.lower()  # ABC fonts have no capital with a tone of its own

    found = repair(_by_table(name, lower))

    assert found is not None
    assert found.text == lower
    assert found.scheme == name.removesuffix("_windows")


def test_windows_1258_read_as_western_is_recognised() -> None:
    parts = unicodedata.normalize("NFC", TEXT)
    encoded = b"".join(_cp1258(letter) for letter in parts)

    found = repair(encoded.decode("cp1252"))

    assert found is not None
    assert (found.scheme, found.text) == ("cp1258", TEXT)


def _cp1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", parts.replace(tone, ""))
        return (base + tone).encode("cp1258")


def test_utf8_encoded_twice_is_decoded_once_more() -> None:
    found = repair(TEXT.encode("utf-8").decode("cp1252", "ignore").replace("\ufffd", ""))
    whole = repair(
        "".join(chr(b) if 0x80 <= b <= 0x9F else bytes([b]).decode("cp1252") for b in TEXT.encode())
    )

    assert whole is not None
    assert (whole.scheme, whole.text) == ("utf-8 twice", TEXT)
    assert found is None or found.scheme == "utf-8 twice"


def test_viqr_is_recognised_by_its_syllables() -> None:
    found = repair(_viqr(TEXT))

    assert found is not None
    assert found.scheme == "viqr"
    assert found.text.replace(" ", "")[:60] == TEXT.replace(" ", "")[:60]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Le congrès a été très réussi: à Genève, où les élèves déjà âgés étaient présents, la fête"
        " fut célébrée.",
        "Größe, Maße und Übergrößen: für die Straßen der Städte gelten ähnliche Regeln wie für Brücken.",
        "El niño comió piñas; la señora cantó una canción más en español. ¿Qué pasó después?",
        "What did you do? (a+b) * c^2. See e.g. the file a.txt; it's a dog's life! Add a.m. and p.m. dates.",
        "Plain English without anything special in it at all, only words and words again.",
        "Þetta er íslenska; það er ekki hægt að lesa öll orðin án þess að þekkja stafina ð og þ.",
        "",
    ],
)
def test_what_is_not_certain_stays_as_it_is(text: str) -> None:
    assert repair(text) is None


def test_spelling_tells_syllables_from_other_words() -> None:
    syllables = ["đồng", "chí", "phát", "động", "huyện", "quý", "gì", "nghĩa", "Đầm", "yêu", "khuỷu"]

    assert all(map(is_syllable, syllables))
    assert not any(map(is_syllable, ["straße", "§ång", "phßt", "hello", "congrès"]))
