"""`archive takedown add|list|show|lift|destroy`."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.table import Table

from archive.cli.terminal import err, number, out, size
from archive.config import Settings
from archive.preserve import destroy as destruction
from archive.preserve import takedown
from archive.store import Store, Takedown, journal
from archive.store.takedowns import Bytes, Scope


@click.group("takedown")
def takedown_group() -> None:
    """Withhold an article, a version, a picture, a name or an address; or show it again.

    Gone at once from pages, search, facets, completion, related articles, feeds, exports, replay, media and
    sitemap; the id is kept. Every act is a line of var/journal/takedowns.jsonl: back that file up.

    \b
      archive takedown add article https://archive.example/a/k3j9x2m1q8ab --reason "Tác giả yêu cầu."
      archive takedown add name "Nguyễn Văn Mẫu" --reason "Quyền riêng tư." --reference 12/2026
      archive takedown add article k3j9x2m1q8ab --status 451 --reason "Theo bản án số 7."
      archive takedown lift 4f1c9a20be --why "Đơn đã rút."
    """


@takedown_group.command("add")
@click.argument("scope", type=click.Choice([item.value for item in Scope]))
@click.argument("target")
@click.option("--reason", required=True, help="A sentence that readers are told in its place.")
@click.option("--reference", default="", help="Number of the case; kept in the journal, never shown.")
@click.option(
    "--status",
    type=click.Choice(["410", "451"]),
    default="410",
    show_default=True,
    help="410 gone; 451 unavailable for legal reasons.",
)
@click.option("--blocked-by", default="", metavar="URL", help="With 451: who enforces the block (RFC 7725).")
@click.option("--destroy", is_flag=True, help="Destroy the captured bytes as well. Cannot be undone.")
@click.option("--yes", is_flag=True, help="Do not ask before destroying.")
@click.option("--by", default="", help="Who orders it [default: the user of this terminal].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def add_command(
    settings: Settings,
    scope: str,
    target: str,
    reason: str,
    reference: str,
    status: str,
    blocked_by: str,
    destroy: bool,
    yes: bool,
    by: str,
    as_json: bool,
) -> None:
    """Withhold TARGET.

    \b
      article   its id, its permalink, or its address at the portal
      version   <id>/v/<number>, or the address of that page
      picture   the address of the picture here: /media/<64 hex digits>
      name      in full, with accents: hidden in every text of every article
      address   an address of a portal: no replay, no TimeMap, no version read from it
    """
    order = takedown.Order(
        Scope(scope), target, reason, by or getpass.getuser(), reference, int(status), blocked_by
    )
    if destroy and not yes:
        click.confirm("The captured bytes will be destroyed for ever. Go on?", abort=True, err=True)
    with _opened(settings) as store:
        outcome = takedown.withhold(store, settings, order)
        done = destruction.destroy(store, settings, outcome.takedown.id, by=order.by) if destroy else None
        item = takedown.find(store, outcome.takedown.id)
    if as_json:
        click.echo(json.dumps(_outcome_dict(outcome, item), ensure_ascii=False))
        return
    out().print(f"Takedown {item.id}: {scope} {item.target} is withheld ({item.status}).")
    if outcome.articles:
        out().print(f"{number(len(outcome.articles))} articles are shown otherwise from now on.")
    if done is not None:
        out().print(f"{number(done.records)} records destroyed ({size(done.size)}).")
        err().print("[yellow]Backups made before still hold them: see docs/admin.md.[/yellow]")
    if outcome.copies:
        err().print(f"[yellow]The same text stands in: {', '.join(outcome.copies)}.[/yellow]")
    if outcome.waiting:
        err().print(
            f"[yellow]The index could not follow ({outcome.waiting}) Pages and search hide it all the "
            "same; run `archive index update`.[/yellow]"
        )


@takedown_group.command("list")
@click.option("--all", "everything", is_flag=True, help="Lifted ones as well.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def list_command(settings: Settings, everything: bool, as_json: bool) -> None:
    """Takedowns in force, the newest first."""
    with _opened(settings) as store:
        found = store.takedowns(active=not everything)
    if as_json:
        click.echo(json.dumps([_dict(item) for item in found], ensure_ascii=False))
        return
    table = Table("Id", "Scope", "Target", "Status", "Bytes", "Ordered", "By", "State", box=None)
    for item in found:
        state = "in force" if item.active else f"lifted {item.lifted_at:%d/%m/%Y}"
        day = f"{item.at:%d/%m/%Y}"
        table.add_row(
            item.id, item.scope, item.target, str(item.status), item.bytes, day, item.ordered_by, state
        )
    out().print(table if found else "No takedown is in force.")


@takedown_group.command("show")
@click.argument("takedown_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def show_command(settings: Settings, takedown_id: str, as_json: bool) -> None:
    """All that is known of one takedown."""
    with _opened(settings) as store:
        item = takedown.find(store, takedown_id)
    if as_json:
        click.echo(json.dumps(_dict(item), ensure_ascii=False))
        return
    for name, value in _dict(item).items():
        if value not in ("", None, []):
            out().print(
                f"{name.replace('_', ' '):>12}  {', '.join(value) if isinstance(value, list) else value}"
            )


@takedown_group.command("lift")
@click.argument("takedown_id", metavar="ID")
@click.option("--why", required=True, help="Why it is shown again; kept in the journal.")
@click.option("--by", default="", help="Who orders it [default: the user of this terminal].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def lift_command(settings: Settings, takedown_id: str, why: str, by: str, as_json: bool) -> None:
    """Show again what a takedown withholds, under the ids that it had."""
    with _opened(settings) as store:
        outcome = takedown.lift(store, settings, takedown_id, by=by or getpass.getuser(), why=why)
    if as_json:
        click.echo(json.dumps(_outcome_dict(outcome, outcome.takedown), ensure_ascii=False))
        return
    out().print(f"Takedown {takedown_id} is lifted.")
    if outcome.waiting:
        err().print(
            f"[yellow]The index could not follow ({outcome.waiting}) Run `archive index update`.[/yellow]"
        )


@takedown_group.command("destroy")
@click.argument("takedown_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by", default="", help="Who orders it [default: the user of this terminal].")
@click.pass_obj
def destroy_command(settings: Settings, takedown_id: str, yes: bool, by: str) -> None:
    """Destroy the captured bytes of what a takedown in force withholds.

    Each record is overwritten by a tombstone of the same length; `archive verify` lists it as destroyed by
    order. Run again after a crash: it goes on where it was.
    """
    if not yes:
        click.confirm("The captured bytes will be destroyed for ever. Go on?", abort=True, err=True)
    with _opened(settings) as store:
        if takedown.find(store, takedown_id).bytes is Bytes.DESTROYED:
            count = destruction.finish(store, settings)
            out().print(f"Destroyed before; {number(count)} records were still there.")
            return
        done = destruction.destroy(store, settings, takedown_id, by=by or getpass.getuser())
    out().print(f"{number(done.records)} records destroyed ({size(done.size)}).")


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    """The store, with all that the journal says."""
    store = Store.open(settings.database_url)
    try:
        journal.catch_up(store, settings.journal_dir)
        yield store
    finally:
        store.close()


def _dict(item: Takedown) -> dict[str, Any]:
    return {
        "id": item.id,
        "scope": item.scope.value,
        "target": item.target,
        "status": item.status,
        "blocked_by": item.blocked_by,
        "reason": item.reason,
        "reference": item.reference,
        "bytes": item.bytes.value,
        "at": item.at.isoformat(),
        "by": item.ordered_by,
        "pictures": list(item.pictures),
        "lifted_at": item.lifted_at.isoformat() if item.lifted_at else None,
        "lifted_by": item.lifted_by,
        "lifted_why": item.lifted_why,
    }


def _outcome_dict(outcome: takedown.Outcome, item: Takedown) -> dict[str, Any]:
    return {
        **_dict(item),
        "articles": list(outcome.articles),
        "copies": list(outcome.copies),
        "waiting": outcome.waiting,
    }
