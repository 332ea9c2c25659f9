"""What a request of OAI-PMH 2.0 asks for: its arguments, read strictly as the protocol demands. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.store.harvest import Selected
from archive.web.harvest.faults import Code, FaultError

PREFIX = "metadataPrefix"
TOKEN = "resumptionToken"  # noqa: S105 - an argument of the protocol
FORMAT = "oai_dc"
"""The one format of metadata."""

# Verb → arguments that it must have, that it may have; a token stands alone.
_VERBS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "GetRecord": (frozenset({"identifier", PREFIX}), frozenset()),
    "Identify": (frozenset(), frozenset()),
    "ListIdentifiers": (frozenset({PREFIX}), frozenset({"from", "until", "set", TOKEN})),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListRecords": (frozenset({PREFIX}), frozenset({"from", "until", "set", TOKEN})),
    "ListSets": (frozenset(), frozenset({TOKEN})),
}
_LONGEST = 500
# As the protocol's schema has them: an answer repeats the arguments, and must be valid.
_VALUE = re.compile(rf"[!-~]{{1,{_LONGEST}}}")
_NAME = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that keeps to the protocol."""

    verb: str
    arguments: Mapping[str, str]
    """All but the verb."""

    def get(self, name: str) -> str:
        """An argument's value; "" when it was not given."""
        return self.arguments.get(name, "")


def read(given: Mapping[str, Sequence[str]]) -> Asked:
    """Read the arguments of a request.

    :raises FaultError: badVerb, or badArgument with all that is wrong.
    """
    verbs = given.get("verb", ())
    if len(verbs) != 1 or verbs[0] not in _VERBS:
        known = ", ".join(_VERBS)
        raise FaultError(Code.BAD_VERB, f"Give the argument verb once, with one of {known}.")
    (verb,) = verbs
    required, optional = _VERBS[verb]
    wrong = []
    for name, values in given.items():
        if name == "verb":
            continue
        if name not in required | optional:
            takes = ", ".join(sorted(required | optional)) or "none"
            wrong.append(f"{verb} takes no argument {name[:80]!a}; it takes: {takes}.")
        elif len(values) != 1:
            wrong.append(f"The argument {name} was given {len(values)} times.")
        elif not _VALUE.fullmatch(values[0]):
            wrong.append(f"The argument {name} must be 1 to {_LONGEST} plain letters without spaces.")
    if TOKEN in given and TOKEN in optional:
        wrong += [f"{TOKEN} stands alone; leave {name} out." for name in given if name not in ("verb", TOKEN)]
    else:
        wrong += [f"{verb} needs the argument {name}." for name in sorted(required - given.keys())]
    if not wrong:
        arguments = {name: values[0] for name, values in given.items() if name != "verb"}
        wrong = _malformed(arguments)
    if wrong:
        raise FaultError(Code.BAD_ARGUMENT, *wrong)
    return Asked(verb, arguments)


def _malformed(arguments: Mapping[str, str]) -> list[str]:
    wrong = []
    if PREFIX in arguments and not _NAME.fullmatch(arguments[PREFIX]):
        wrong.append(f"{PREFIX} is no name of a format; ListMetadataFormats lists them.")
    if "set" in arguments and not _SET.fullmatch(arguments["set"]):
        wrong.append("set is no name of a set; ListSets lists them.")
    wrong += [
        f"{name} must be a day, 2026-11-29, or a second in UTC, 2026-11-29T08:00:00Z."
        for name in ("from", "until")
        if name in arguments and _instant(arguments[name], last=False) is None
    ]
    if "from" in arguments and "until" in arguments and not wrong:
        begin, end = arguments["from"], arguments["until"]
        if len(begin) != len(end):
            wrong.append("from and until must both be days, or both be seconds.")
        elif begin > end:
            wrong.append("from is later than until.")
    return wrong


def selected(asked: Asked) -> Selected:
    """The records that a list is to have."""
    return Selected(
        site=asked.get("set") or None,
        begin=_instant(asked.get("from"), last=False),
        end=_instant(asked.get("until"), last=True),
    )


def _instant(text: str, *, last: bool) -> dt.datetime | None:
    """A moment; of a day its first second, or its last. None when it is neither."""
    try:
        if _SECOND.fullmatch(text):
            return dt.datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            edge = dt.time(23, 59, 59) if last else dt.time()
            return dt.datetime.combine(dt.date.fromisoformat(text), edge, dt.UTC)
    except ValueError:  # the 31st of June, 25 o'clock, the year 0
        pass
    return None
