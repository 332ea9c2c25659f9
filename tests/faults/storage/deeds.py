"""What an operator does on the command line besides crawling and keeping: the archive in which there is
something to do, and what must hold afterwards. `scenes` puts them together."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from archive.preserve import dumps
from archive.store import Store, acts, admins, alarms, api_keys
from archive.store.alarms import Finding
from archive.watch.fields import Field
from archive.web.admin import keys as passwords
from tests.faults.storage.runner import PASSWORD

if TYPE_CHECKING:
    from tests.faults.storage.scenes import Place

ARTICLES = 5
"""Of the portal; one of them is withheld."""
EMPTY = "/trong"
"""Path of a page without articles."""


def can_log_in(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store, store.read() as connection:
        account = admins.get(connection, "lan")
        assert account is not None
        assert passwords.fits(PASSWORD, account.password)
        noted = acts.listed(connection, 9)
    assert [item.act for item in noted].count("account.add") == 1
    assert len(passwords.key_file(place.settings.var).read_text("ascii").strip()) == 64


def has_account(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store, store.begin() as connection:
        admins.put(connection, "lan", "no hash")


def cannot_log_in(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store, store.read() as connection:
        assert admins.get(connection, "lan") is None
        assert [item.act for item in acts.listed(connection, 9)] == ["account.remove"]


def has_key(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store, store.begin() as connection:
        api_keys.add(connection, "Viện Sử học", 0, "lan")


def keys(place: Place) -> list[api_keys.ApiKey]:
    with closing(Store.open(place.settings.database_url)) as store, store.read() as connection:
        return api_keys.listed(connection)


def has_keys(place: Place) -> None:
    """One; or two, when the first was made and could not be shown any more: it is listed, to be revoked."""
    found = keys(place)
    assert len(found) in (1, 2)
    with closing(Store.open(place.settings.database_url)) as store, store.read() as connection:
        assert Counter(item.target for item in acts.listed(connection, 9)) == Counter(k.id for k in found)


def has_no_key_in_force(place: Place) -> None:
    assert [key.revoked_at is None for key in keys(place)] == [False]
    with closing(Store.open(place.settings.database_url)) as store, store.read() as connection:
        assert [item.act for item in acts.listed(connection, 9)] == ["key.revoke"]


def empty_portal(place: Place) -> None:
    """A site of which nothing is known, and which shows no article."""
    (place.base.root.parent / "empty.toml").write_text(
        f'[[site]]\nid = "trong"\nname = "Trống"\nstart = "{place.base.url}{EMPTY}"\n'
        "allow_private = true\ndelay = 0\n",
        "utf-8",
    )


def alarmed(place: Place) -> None:
    """The alarm stands. A crawl that was cut off after its last page left nothing to ask, so that the one which
    went on with it has nothing to be judged by: then the next sweep raises it."""
    with closing(Store.open(place.settings.database_url)) as store:
        newest = next(run for run in store.runs(9) if run.site == "trong")
        assert newest.result is not None
        if not newest.result["pages"]:
            assert store.alarms() == []
            sites = place.base.root.parent / "empty.toml"
            place.base.machine.done(place.settings, "crawl", "--sites", sites)
        assert [(item.site, item.finding.field) for item in store.alarms()] == [("trong", Field.ARTICLES)]


def has_alarm(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store, store.begin() as connection:
        run = store.runs(1)[0]
        alarms.open_one(connection, "huyen", Finding("length", 900, 90, 20), run.id, dt.datetime.now(dt.UTC))


def taken_note(place: Place) -> None:
    with closing(Store.open(place.settings.database_url)) as store:
        (alarm,) = store.alarms()
    assert (alarm.is_open, alarm.acknowledged_by, alarm.note) == (False, "lan", "Cổng đổi mẫu.")


def dumped(place: Place) -> None:
    found = dumps.check(place.root / "dump")
    assert found.faults == []
    assert found.dump.counts["articles"] == ARTICLES - 1
