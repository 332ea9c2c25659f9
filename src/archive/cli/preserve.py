"""`archive verify` and `archive replay`."""

from __future__ import annotations

import json

import click

from archive.cli.terminal import number, out, progress
from archive.config import Settings
from archive.preserve import reextract, replay, verify
from archive.store import Store


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def verify_command(ctx: click.Context, as_json: bool) -> None:
    """Check every WARC record and every row of the database against each other.

    Exit code 1 when anything is damaged; each finding names the record and what depends on it.
    """
    settings: Settings = ctx.obj
    store = Store.open(settings.database_url)
    try:
        with progress("Verifying", "records") as advance:
            report = verify(store, settings.warc_dir, advance)
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        for finding in report.findings:
            out().print(f"[red]{finding}[/red]")
        for destroyed in report.destroyed:
            out().print(f"Destroyed by order: {destroyed}")
        for pending in report.pending:
            out().print(f"[yellow]{pending}[/yellow]")
        state = "all sound" if report.clean else f"{len(report.findings)} damaged"
        out().print(f"{number(report.files)} files, {number(report.records)} records: {state}")
    ctx.exit(0 if report.clean else 1)


@click.command("replay")
@click.option(
    "--extract",
    "only_extract",
    is_flag=True,
    help="Keep the database; read with the present extractor what an earlier one has read.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def replay_command(settings: Settings, only_extract: bool, as_json: bool) -> None:
    """Make a fresh database from the WARC files alone.

    Refuses to write over a database that holds captures: move it away first. With --extract the database
    stays, and every version is read again from its capture: titles, captions or dates that a better
    extractor sees differently are shown, but count as no edit. Interrupted, it goes on where it was.
    """
    if only_extract:
        _extract_again(settings, as_json)
        return
    with progress("Replaying", "records") as advance:
        report = replay(settings, advance)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        out().print(
            f"{number(report.captures)} captures, {number(report.articles)} articles, "
            f"{number(report.versions)} versions. Next: archive index rebuild"
        )
        for skipped in report.skipped:
            out().print(f"[yellow]{skipped}[/yellow]")


def _extract_again(settings: Settings, as_json: bool) -> None:
    store = Store.open(settings.database_url)
    try:
        with progress("Reading again", "articles") as advance:
            report = reextract(store, settings.warc_dir, advance)
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps(report.to_dict()))
        return
    out().print(
        f"{number(report.articles)} articles: {number(report.versions)} versions read again, "
        f"{number(report.changed)} differently, {number(report.refused)} kept as they were, "
        f"{number(report.damaged)} not readable. Next: archive index update"
    )
