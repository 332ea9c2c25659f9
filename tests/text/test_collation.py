"""The order of the alphabet, against the Unicode consortium's own (ICU, as node has it)."""

from __future__ import annotations

import json
import random
import shutil
import subprocess

import pytest

from archive.text.collation import sort_key

_IN_ORDER = """
10 2022 a à ả ã á ạ an ă ẵ ắ ăn â ấ ẩm ba bà bả bã bá bạ bắc băng be bé bê ca cam chả chá da dạ đa đà đá e ê
êm ga hoa hòa hỏa họa hô hồ hơ
"""
DICTIONARY = _IN_ORDER.split()


def test_letters_come_before_tones() -> None:
    mixed = DICTIONARY[:]
    random.Random(7).shuffle(mixed)
    assert sorted(mixed, key=sort_key) == DICTIONARY


def test_spellings_of_one_word_stand_in_one_place() -> None:
    assert sort_key("hoà") == sort_key("hòa") == sort_key("HÒA") == sort_key("ho\u0061\u0300")
    assert sort_key("sỹ") == sort_key("sĩ")
    assert sort_key("") < sort_key("10") < sort_key("a") < sort_key("đ") < sort_key("y") < sort_key("β")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node (apt-get install nodejs)")
def test_icu_sorts_alike() -> None:
    vowels = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
    words = [f"{onset}{vowel}{coda}" for onset in "bdđnx" for vowel in vowels for coda in ("", "n", "t")]
    # None of these onsets has syllables that are one word here with i or y, and two to ICU.
    random.Random(3).shuffle(words)
    script = "const w=JSON.parse(require('fs').readFileSync(0)); w.sort(new Intl.Collator('vi').compare);" \
        "console.log(JSON.stringify(w))"  # fmt: skip
    done = subprocess.run(
        ["node", "-e", script], input=json.dumps(words), capture_output=True, text=True, check=True
    )
    assert sorted(words, key=sort_key) == json.loads(done.stdout)
