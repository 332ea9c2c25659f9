"""Every address that the site answers, from its own table of routes: a new route cannot be forgotten.

A route whose variable is not known here is an error that says where to write its values.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule

from archive.store import Chronicle
from tests.admin.scene import ADDRESS, SECTION, Hiding
from tests.faults.conftest import DUMP, TOKEN

Values = Mapping[str, Sequence[str]]
_VARIABLE = re.compile(r"<(?:([^:<>]+):)?(\w+)>")
_ANY = re.compile(r"any\((.+)\)")
_FORMS = {"article.cite": ("bib", "ris", "json"), "memento.timemap": ("link", "json", "cdxj")}
_PICTURE = "http://portal.example/anh/thua-17b.jpg"
_FILE = "http://portal.example/tep/ket-luan.pdf"


def values(library: Hiding) -> dict[str, tuple[str, ...]]:
    """What each variable of a route can stand for: what is to be taken down in tests comes first."""
    chronicle = Chronicle(library.store)
    told = chronicle.of_article(library.secret).events
    people = chronicle.people(limit=5)
    archived = [ADDRESS, _PICTURE, _FILE]
    times = ("", "2026/", "2026id_/", "2026im_/", "2026if_/", "*/", "2026*/")
    return {
        "article_id": (library.secret, library.named),
        "title_slug": ("ket-luan",),
        "number": ("1",),
        "old": ("1",),
        "new": ("2",),
        "digest": (library.own[7:], library.file[7:]),
        "extension": ("jpg", "pdf"),
        "width": ("240", "800"),
        "address": tuple(time + address for time in times for address in archived),
        "site_id": ("dam-ha",),
        "year": ("2021", "2022"),
        "month": ("04",),
        "section": (SECTION, "Tin huyện"),
        "event_id": tuple(item.id for item in told),
        "person_id": tuple(item.id for item in people),
        "identity": ("0123456789abcdef",),
        "token": (TOKEN,),
        "rest": ("v1/nothing",),
        "name": ("site.css", DUMP),
        "path": ("articles/dam-ha/2021.jsonl.gz", "manifest.json"),
        "run_id": ("1",),
        "job_id": ("1",),
        "alarm_id": ("1",),
        "reason": ("http",),
        "key_id": ("0123456789",),
        "takedown_id": ("4f1c9a20be",),
    }


def addresses(
    app: Flask, known: Values, *, method: str = "GET", admin: bool = False
) -> Iterator[tuple[Rule, str]]:
    """Each rule with each address that it can have.

    :param admin: the rules below `/admin`, which need a login, instead of all others.
    """
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if method not in (rule.methods or ()) or rule.rule.startswith("/admin") is not admin:
            continue
        for path in filled(rule, known):
            yield rule, path


def filled(rule: Rule, known: Values) -> Iterator[str]:
    """The addresses of one rule."""
    names: list[tuple[str, str]] = _VARIABLE.findall(rule.rule)
    for chosen in itertools.product(*(_values(rule, kind, name, known) for kind, name in names)):
        fixed = _VARIABLE.split(rule.rule)[:: _VARIABLE.groups + 1]
        yield "".join(
            part + quote(value, safe="/:*") for part, value in zip(fixed, (*chosen, ""), strict=True)
        )


def _values(rule: Rule, converter: str, name: str, known: Values) -> Sequence[str]:
    if found := _ANY.match(converter):
        return [item.strip() for item in found[1].split(",")]
    if rule.endpoint in _FORMS and name == "form":
        return _FORMS[rule.endpoint]
    assert name in known, (
        f"{rule.rule}: say in tests/faults/routes.py what <{name}> stands for, with an example that leads to "
        "the secret article if there is one"
    )
    return known[name]
