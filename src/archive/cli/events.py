"""`archive events …`: look at what was read out of the articles, correct it, read it again."""

from __future__ import annotations

import contextlib
import dataclasses
import getpass
import json
from collections.abc import Iterator
from typing import Any

import click
from rich.table import Table

from archive import chronicle
from archive.chronicle import corrections
from archive.cli.terminal import err, number, out, progress
from archive.config import Settings
from archive.errors import ArchiveError
from archive.model.events import EventClass
from archive.store import Chronicle, Store
from archive.store.happenings.values import EventQuery, Gathering

_SORTS = [sort.value for sort in EventClass]


@click.group("events")
def events_group() -> None:
    """Events and people that the rules read out of the articles.

    \b
      archive events list --year 2022 --kind hoi-nghi
      archive events show p6u5z25cqrtn
      archive events correct p6u5z25cqrtn --kind hoi-nghi --reason "đọc nhầm"
    """


@events_group.command("update")
@click.pass_obj
def update_command(settings: Settings) -> None:
    """Read what changed since the last time (`archive index update` does it too)."""
    with _open(settings) as store, progress("Reading", "changes") as advance:
        report = chronicle.follow(store, settings, advance)
    out().print(
        f"Read {number(report.read)} articles: {number(report.events)} events, "
        f"{number(report.claims)} claims of people in {report.seconds:.1f} s"
    )


@events_group.command("list")
@click.option("--sort", "sort_name", type=click.Choice(_SORTS), default="occasion", show_default=True)
@click.option("--kind", default="", help="Id of a kind, as the list prints it.")
@click.option("--site", default="", help="Id of a site.")
@click.option("--place", default="", help="Where it took place, with or without accents.")
@click.option("--year", type=int, default=0)
@click.option("--month", type=click.IntRange(0, 12), default=0)
@click.option("--limit", type=click.IntRange(1, 100_000), default=40, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON.")
@click.pass_obj
def list_command(
    settings: Settings,
    sort_name: str,
    kind: str,
    site: str,
    place: str,
    year: int,
    month: int,
    limit: int,
    as_json: bool,
) -> None:
    """Events by day, the newest first."""
    query = EventQuery(sort_name, kind, site, place, year, month)
    with _open(settings) as store:
        found = Chronicle(store).gatherings(query, limit=limit)
        total = Chronicle(store).count(query)
    if as_json:
        click.echo(
            json.dumps(
                {"total": total, "events": [_plain(item) for item in found]}, ensure_ascii=False, indent=1
            )
        )
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "when", "kind", "articles", "name"):
        table.add_column(column, no_wrap=column != "name")
    for item in found:
        table.add_row(item.id, _when(item), item.event.kind, str(len(item.articles)), item.event.name)
    out().print(table)
    err().print(f"{number(len(found))} of {number(total)} events")


@events_group.command("show")
@click.argument("event_id")
@click.pass_obj
def show_command(settings: Settings, event_id: str) -> None:
    """One event as JSON: each telling with its rule, its sentence and its place in the text."""
    with _open(settings) as store:
        found = _known(Chronicle(store), event_id)
    click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=1))


@events_group.command("correct")
@click.argument("target")
@click.option("--hide", is_flag=True, help="There is no such event.")
@click.option("--kind", help="Another kind.")
@click.option("--name", help="Another name.")
@click.option("--place", "places", multiple=True, help="Where it took place; may be given several times.")
@click.option("--day", help="First day, as 2022-09-28.")
@click.option("--until", help="Last day.")
@click.option("--same-as", "same", help="TARGET and this are ids of one person (as in their addresses).")
@click.option("--reason", required=True, help="Why; kept with the correction.")
@click.option("--by", default="", help="Who corrects it [default: the user of this computer].")
@click.pass_obj
def correct_command(
    settings: Settings,
    target: str,
    hide: bool,
    kind: str | None,
    name: str | None,
    places: tuple[str, ...],
    day: str | None,
    until: str | None,
    same: str | None,
    reason: str,
    by: str,
) -> None:
    """Correct what was read. It holds whenever the article is read again, until it is lifted.

    TARGET is the id of one article's telling (`archive events show`), or of a person with --same-as.
    """
    given: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "places": list(places) or None,
        "day": day,
        "until": until,
    }
    data = {field: value for field, value in given.items() if value is not None}
    if sum((hide, bool(data), same is not None)) != 1:
        raise click.UsageError("Give one of --hide, --same-as, or new values such as --kind and --day.")
    action, data = ("same", {"with": same}) if same else ("hide", {}) if hide else ("change", data)
    with _open(settings) as store:
        found = Chronicle(store)
        if action == "same":
            for person in (target, str(same)):
                if found.person(person) is None:
                    raise ArchiveError(
                        f"There is no person {person!r}.", "The id is the end of the person's address."
                    )
        else:
            _known(found, target)
        who = by or getpass.getuser()
        correction = corrections.correct(store, settings, action, target, data, reason=reason, by=who)
    out().print(f"Correction {correction} holds. Take it back with: archive events lift {correction}")


@events_group.command("lift")
@click.argument("number_", metavar="NUMBER", type=int)
@click.option("--by", default="", help="Who takes it back [default: the user of this computer].")
@click.pass_obj
def lift_command(settings: Settings, number_: int, by: str) -> None:
    """Take a correction back."""
    with _open(settings) as store:
        lifted = corrections.lift(store, settings, number_, by=by or getpass.getuser())
    if not lifted:
        raise ArchiveError(
            f"There is no correction {number_} in force.", "`archive events corrections` lists them."
        )
    out().print(f"Correction {number_} is lifted.")


@events_group.command("corrections")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def corrections_command(settings: Settings, as_json: bool) -> None:
    """The corrections in force."""
    with _open(settings) as store:
        found = Chronicle(store).corrections()
    if as_json:
        click.echo(
            json.dumps(
                [dataclasses.asdict(item) for item in found], default=str, ensure_ascii=False, indent=1
            )
        )
        return
    table = Table(box=None, header_style="bold")
    for column in ("no.", "when", "by", "action", "target", "values", "reason"):
        table.add_column(column)
    for item in found:
        values = ", ".join(f"{name}: {value}" for name, value in item.data.items())
        table.add_row(
            str(item.id), f"{item.at:%Y-%m-%d}", item.by, item.action, item.target, values, item.reason
        )
    out().print(table)


@contextlib.contextmanager
def _open(settings: Settings) -> Iterator[Store]:
    """The store for the length of a command."""
    store = Store.open(settings.database_url)
    try:
        yield store
    finally:
        store.close()


def _known(found: Chronicle, event_id: str) -> Gathering:
    gathering = found.gathering(event_id)
    if gathering is None:
        raise ArchiveError(f"There is no event {event_id!r}.", "`archive events list` prints ids.")
    return gathering


def _when(gathering: Gathering) -> str:
    when = gathering.event.when
    ends = dict.fromkeys(day.isoformat() for day in (when.start, when.end) if day)
    return " ".join(filter(None, (when.part, " – ".join(ends))))


def _plain(gathering: Gathering) -> dict[str, Any]:
    tellings = [
        {"id": told.id, "article": told.article, "site": told.site}
        | json.loads(json.dumps(dataclasses.asdict(told.event), default=str))
        for told in gathering.told
    ]
    return {"id": gathering.id, "told": tellings}
