"""`archive alarms`: portals that do not yield what they did."""

from __future__ import annotations

import getpass
import json

import click

from archive.cli.scheduler import local
from archive.cli.terminal import out
from archive.config import Settings
from archive.errors import ArchiveError, ConfigError
from archive.store import Store
from archive.store.alarms import Alarm
from archive.watch import words


@click.group("alarms", invoke_without_command=True)
@click.option("--site", metavar="ID", help="Only those of one site.")
@click.option("--all", "with_closed", is_flag=True, help="Also those that are over.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON lines.")
@click.pass_context
def alarms_group(ctx: click.Context, site: str | None, with_closed: bool, as_json: bool) -> None:
    """List the alarms: what was usual of a portal, what is now, on which pages, and how to see more.

    After each crawl its figures are compared with those of the twenty before it. An alarm closes by itself
    when the portal yields again what it did, or when you take note of it: what is now is usual then.

    \b
      archive alarms
      archive alarms show 3
      archive alarms ack 3 --note "new template, captions are gone for good"
    """
    if ctx.invoked_subcommand is not None:
        return
    settings: Settings = ctx.obj
    store = Store.open(settings.database_url)
    try:
        found = store.alarms(site=site, open_only=not with_closed)
        known = {item.id for item in store.sites()}
        runs = store.runs(1)
    finally:
        store.close()
    if site is not None and site not in known:
        raise ConfigError(f"There is no site {site!r}.", f"There are: {', '.join(sorted(known)) or 'none'}.")
    if as_json:
        for alarm in found:
            click.echo(json.dumps(words.to_dict(alarm), ensure_ascii=False))
    elif not runs:
        out().print("Nothing was crawled yet, so nothing can be compared: archive crawl")
    elif not found:
        out().print("No alarm: each portal yields what it did.")
    else:
        _print(settings, found)


@alarms_group.command("show")
@click.argument("number", type=int)
@click.pass_obj
def show_command(settings: Settings, number: int) -> None:
    """Show one alarm with all its pages: archive alarms show 3"""
    store = Store.open(settings.database_url)
    try:
        alarm = next((item for item in store.alarms() if item.id == number), None)
    finally:
        store.close()
    if alarm is None:
        raise _unknown(number)
    out().print(f"Alarm {alarm.id}, {alarm.site}, field {alarm.finding.field}", style="bold")
    out().print(words.sentence(alarm.finding), markup=False)
    opened, seen = local(settings, alarm.opened_at), local(settings, alarm.last_seen)
    out().print(
        f"Opened {opened} by run {alarm.first_run}, last seen {seen} in run {alarm.last_run}: {_state(alarm)}"
    )
    for url in alarm.finding.examples:
        out().print(f"  {url}", markup=False)
    if alarm.note:
        out().print(f"Note: {alarm.note}", markup=False)
    more = words.command(alarm)
    if "alarms show" not in more:
        out().print(f"More: {more}", markup=False)


@alarms_group.command("ack")
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@click.option("--note", default="", help="Why this is no fault, for those who come after you.")
@click.option("--by", default=getpass.getuser, show_default="your user name", help="Who takes note.")
@click.pass_obj
def ack_command(settings: Settings, numbers: tuple[int, ...], note: str, by: str) -> None:
    """Take note of alarms: what they found is usual from then on.

    \b
      archive alarms ack 3 --note "the portal has had no captions since its new template"
    """
    store = Store.open(settings.database_url)
    try:
        for number in numbers:
            alarm = store.acknowledge_alarm(number, by or "?", note)
            if alarm is None:
                raise _unknown(number)
            out().print(f"Alarm {number} ({alarm.site}, {alarm.finding.field}): {_state(alarm)}.")
    finally:
        store.close()


def _print(settings: Settings, found: list[Alarm]) -> None:
    console = out()
    for alarm in found:
        since = local(settings, alarm.opened_at)
        console.print(
            f"{alarm.id}  {alarm.site}, {alarm.finding.field}, since {since}: {_state(alarm)}", style="bold"
        )
        console.print(f"   {words.sentence(alarm.finding)}", markup=False)
        console.print(f"   More: {words.command(alarm)}", style="dim", markup=False)


def _state(alarm: Alarm) -> str:
    if alarm.acknowledged_by:
        return f"taken note of by {alarm.acknowledged_by}"
    return "open" if alarm.is_open else "over"


def _unknown(number: int) -> ArchiveError:
    return ConfigError(f"There is no alarm {number}.", "`archive alarms --all` lists them.")
