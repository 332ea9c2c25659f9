"""The kinds of events: data in `kinds.toml`, which an archive may extend."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from archive.errors import ConfigError
from archive.events.alternatives import one_of

GENERIC = frozenset(("le-khac", "chuong-trinh"))
"""Kinds that give way to a more telling one near them."""

OTHER_KINDS = {
    "han": "Hạn cuối",
    "ky-niem-nam": "Ngày kỷ niệm",
    "dot-thi-dua": "Đợt thi đua",
    "chien-dich": "Chiến dịch, đợt vận động",
}
"""Kinds of what is no occasion: they come from the rules themselves."""

_BEFORE = re.compile(
    r"(?:nghị quyết|văn kiện|chào mừng|hướng tới|tinh thần|phục vụ|chuẩn bị|chuẩn bị cho|kết quả|trước|sau|nhiệm kỳ|theo|dịp|thềm|bên lề|ngoài|tuần|thành công|"
    r"thành công của|các|những|quyết|của|từ|từng|sau khi|qua|trước khi|xây dựng|thực hiện|thực hiện tốt công tác|công tác|nhiệm vụ|tăng cường|chế độ|hoạt động|"
    r"tổ chức thực hiện|về|việc|đẩy mạnh)\s+$"
)
_AFTER = {
    "chuong-trinh": re.compile(
        r"\s+(?:mục tiêu|mtqg|hành động|ocop|giảm nghèo|công tác|làm việc|đào tạo|phát triển|số\s|nông thôn|giáo dục|xây dựng|135|tín dụng|cho vay|học|khuyến)"
    ),
    "trao-tang": re.compile(r"\s+đổi"),
    "dai-hoi": re.compile(r"\s+(?:đã đề ra|đề ra|đại biểu toàn quốc lần thứ [ivx]+ của đảng và)"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of events."""

    id: str
    vi: str
    en: str
    words: tuple[str, ...]
    verb: bool
    """Whether the words alone say that it was done, without "tổ chức"."""


@dataclass(frozen=True, slots=True)
class KindFound:
    """The words of a kind in a clause: `clause[start:end]`."""

    start: int
    end: int
    kind: Kind


class Kinds:
    """The kinds that an archive knows."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self._kinds = {kind.id: kind for kind in kinds}
        self._by_words = {word: kind for kind in reversed(kinds) for word in kind.words}
        self._pattern = re.compile(rf"(?<!\w){one_of(self._by_words)}(?!\w)")

    @property
    def fingerprint(self) -> str:
        """Changes with any kind: readings by other kinds are made anew."""
        text = repr([(kind.id, kind.words, kind.verb) for kind in self])
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def get(self, kind: str) -> Kind | None:
        """The kind of an id."""
        return self._kinds.get(kind)

    def find(self, lower: str) -> list[KindFound]:
        """The words of kinds in a lower-case clause, but for those that only refer to an occasion.

        "thực hiện Nghị quyết Đại hội" reports no congress.
        """
        found = []
        for match in self._pattern.finditer(lower):
            kind = self._by_words[" ".join(match[0].split())]
            after = _AFTER.get(kind.id)
            if _BEFORE.search(lower[max(0, match.start() - 26) : match.start()]) or (
                after and after.match(lower, match.end())
            ):
                continue
            found.append(KindFound(match.start(), match.end(), kind))
        return found


@cache
def built_in() -> Kinds:
    """The kinds that come with the archive."""
    return Kinds(
        _parse(resources.files("archive.events").joinpath("kinds.toml").read_text("utf-8"), "kinds.toml")
    )


def load(path: Path) -> Kinds:
    """The archive's own kinds, first, and the built-in ones that they do not replace.

    :raises ConfigError: the file cannot be read or has something else than kinds in it.
    """
    try:
        own = _parse(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise ConfigError(
            f"The kinds of events in {path} cannot be read: {error.strerror}.", "Check `events_file`."
        ) from error
    names = {kind.id for kind in own}
    return Kinds((*own, *(kind for kind in built_in() if kind.id not in names)))


def _parse(text: str, place: str) -> tuple[Kind, ...]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place} is no TOML: {error}.", "Mend the line that it names.") from error
    kinds = []
    for name, table in tables.items():
        known = {"vi", "en", "words", "verb"}
        if (
            not isinstance(table, dict)
            or not known >= table.keys()
            or not table.get("words")
            or "vi" not in table
        ):
            raise ConfigError(
                f"{place}: [{name}] is no kind of events.",
                'Each kind has `vi`, `words = ["…"]`, and may have `en` and `verb = true`.',
            )
        words = tuple(str(word).lower() for word in table["words"])
        kinds.append(
            Kind(name, str(table["vi"]), str(table.get("en", table["vi"])), words, bool(table.get("verb")))
        )
    return tuple(kinds)
