"""`archive verify`, `archive manifest` and `archive replay`."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing

import click

from archive.cli.stop import stop_on_signals
from archive.cli.terminal import err, number, out, progress
from archive.config import Settings
from archive.errors import TimestampError
from archive.preserve import days, fixity, reextract, replay
from archive.preserve.verify import VerifyReport
from archive.store import Store
from archive.warc import capture_files


@click.command("verify")
@click.option(
    "--minutes",
    "--budget",
    "minutes",
    type=click.FloatRange(0, min_open=True),
    help="Stop after about so long; the next time goes on with what was checked longest ago.",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was not checked since this day.")
@click.option("--resume", is_flag=True, help="Go on with a check of everything that was interrupted.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def verify_command(
    ctx: click.Context, minutes: float | None, since: dt.datetime | None, resume: bool, as_json: bool
) -> None:
    """Check every WARC record, every row of the database, every manifest and timestamp, and the index.

    \b
      archive verify                   everything
      archive verify --resume          the rest of it, after an interruption
      archive verify --minutes 30      a portion each night

    Exit code 1 when anything is damaged; each finding names the record and what depends on it, and stays told
    until its file is found sound.
    """
    settings: Settings = ctx.obj
    day = since.replace(tzinfo=dt.UTC) if since is not None else None
    with (
        closing(Store.open(settings.database_url)) as store,
        stop_on_signals() as stop,
        progress("Verifying", "records") as advance,
    ):
        report = fixity.check(
            settings, store, minutes=minutes, since=day, resume=resume, stop=stop, progress=advance
        )
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        _print(report)
    if stop.is_set():
        err().print("Stopped. `archive verify --resume` goes on from here.")
        ctx.exit(stop.exit_code)
    ctx.exit(0 if report.clean else 1)


def _print(report: VerifyReport) -> None:
    for finding in report.findings:
        out().print(f"[red]{finding}[/red]")
    for destroyed in report.destroyed:
        out().print(f"Destroyed by order: {destroyed}")
    for pending in report.pending:
        out().print(f"[yellow]{pending}[/yellow]")
    if report.pending:
        out().print("[yellow]The next `archive crawl` of the site takes that up, or sets it aside.[/yellow]")
    state = "all sound" if report.clean else f"{len(report.findings)} damaged"
    more = "" if report.complete else "; not everything was reached"
    text = f"{number(report.files)} files, {number(report.records)} records"
    if report.manifests:
        text += f", {number(report.manifests)} manifests ({number(report.stamped)} with a timestamp)"
    out().print(f"{text}: {state}{more}")
    mends: dict[str, int] = {}
    for finding in report.findings:
        mends[finding.mend] = mends.get(finding.mend, 0) + 1
    if mends:
        out().print("What to do:")
    for mend, count in mends.items():
        out().print(f"  {number(count)} × {mend}.")


@click.command("manifest")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def manifest_command(ctx: click.Context, as_json: bool) -> None:
    """List the hash of every record captured since the last manifest, and let that be timestamped.

    Once a day is right: `archive manifest`. The lists are in var/manifests, each names the hash of the one
    before; where the setting timestamp_url is given, an RFC 3161 authority signs when it was. Safe to repeat;
    manifests that have no timestamp yet get one.
    """
    settings: Settings = ctx.obj
    problem = ""
    with closing(Store.open(settings.database_url)) as store:
        made = days.make_manifest(settings, store, stamp=False)
        try:
            stamped = days.stamp_missing(settings)
        except TimestampError as error:
            stamped, problem = 0, str(error)
    if as_json:
        found = {
            "name": made.name if made else None,
            "records": made.records if made else 0,
            "stamped": stamped,
            "problem": problem,
        }
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        text = (
            f"{made.path}: {number(made.records)} records" if made else "Nothing new since the last manifest"
        )
        out().print(f"{text}; {stamped} timestamps")
    if problem:
        err().print(f"[red]archive: {problem} The next `archive manifest` asks again.[/red]")
    ctx.exit(1 if problem else 0)


@click.command("replay")
@click.option(
    "--extract",
    "only_extract",
    is_flag=True,
    help="Keep the database; read again with the present extractor and what is known of each site.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def replay_command(settings: Settings, only_extract: bool, as_json: bool) -> None:
    """Make a fresh database from the WARC files alone.

    Refuses to write over a database that holds captures: move it away first. With --extract the database
    stays, and every version is read again from its capture: titles, captions or dates that a better
    extractor sees differently are shown, but count as no edit; lines that recur on a site's pages go, as
    far as a crawl has learnt them; attached files are read. Interrupted, it goes on where it was.
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
            report = reextract(store, capture_files(settings), advance)
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps(report.to_dict()))
        return
    out().print(
        f"{number(report.articles)} articles: {number(report.versions)} versions read again, "
        f"{number(report.changed)} differently, {number(report.refused)} kept as they were, "
        f"{number(report.damaged)} not readable; {number(report.documents)} attached files read. "
        "Next: archive index update"
    )
