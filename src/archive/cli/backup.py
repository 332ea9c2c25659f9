"""`archive backup`, `archive restore` and `archive mend`."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from archive.cli.terminal import err, number, out, progress, size
from archive.config import Settings
from archive.preserve.backup import backup
from archive.preserve.mend import mend
from archive.preserve.restore import restore
from archive.search import in_folder
from archive.store import Store


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--index", is_flag=True, help="The search index of the folder as well.")
@click.option("--keep", type=click.IntRange(0), default=0, help="So many backups stay [default: all].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def backup_command(settings: Settings, folder: Path | None, index: bool, keep: int, as_json: bool) -> None:
    """Copy all that cannot be made again, while the archive runs.

    Below FOLDER [default: the setting `backup`] a folder with the time as its name is made: database, WARC
    files, journal, and a manifest with the SHA-256 of each. WARC files that have not changed since the
    backup before are linked to it. Put FOLDER on another disk, and copy it to another place.

    \b
      archive backup /mnt/backup --keep 14
    """
    with closing(Store.open(settings.database_url)) as store, progress("Backing up", "bytes") as advance:
        report = backup(store, settings, folder or settings.backup, index=index, keep=keep, progress=advance)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
        return
    linked = f", {number(report.linked)} as in the backup before" if report.linked else ""
    out().print(f"{report.folder}: {number(report.files)} files, {size(report.size)}{linked}")
    if index and not report.index:
        text = "No search index is in it; after a restore, `archive index rebuild` makes it"
        err().print(text if in_folder(settings) else f"{text}: a cluster has it.")
    if report.removed:
        out().print(f"Removed: {', '.join(report.removed)}")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--journal",
    type=click.Path(path_type=Path),
    help="The takedowns.jsonl of the lost archive, if it survived: it may know of later takedowns.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def restore_command(settings: Settings, folder: Path, journal: Path | None, as_json: bool) -> None:
    """Bring a backup back to a fresh place.

    FOLDER is a backup, or holds several, of which the newest is taken. Every file is checked; what was taken
    down stays withheld. The places of `--var` and `--index` must be new or empty.

    \b
      archive --var /srv/new/var --index /srv/new/index restore /mnt/backup
    """
    with progress("Restoring", "bytes") as advance:
        report = restore(settings, folder, newer_journal=journal, progress=advance)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
        return
    out().print(
        f"{report.backup} is in {settings.var}: {number(report.files)} files, {size(report.size)}, "
        f"{number(report.takedowns)} takedowns in force."
    )
    if not report.index:
        cluster = "" if in_folder(settings) else "; until then search finds what the cluster had before"
        err().print(f"Next: archive index rebuild{cluster}")


@click.command("mend")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def mend_command(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Bring damaged or missing capture files back from a backup.

    FOLDER is a backup, or holds several, of which the newest is taken. Everything is verified; of each
    capture file that is damaged, the backup's copy is put in place, followed by what was written since. The
    damaged one is kept in var/warc/damaged. Exit code 1 when captures stay damaged that the backup does not
    have either.

    \b
      archive verify
      archive mend /mnt/backup
    """
    settings: Settings = ctx.obj
    with closing(Store.open(settings.database_url)) as store:
        report = mend(store, settings, folder)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        for name in report.files:
            out().print(f"{name}: brought back from {report.backup}")
        for name in report.lost:
            out().print(f"[red]{name}: captures stay damaged; the backup does not have them[/red]")
        if not report.files and not report.lost:
            out().print("No capture file is damaged.")
        else:
            out().print(f"Captures that are sound again: {number(report.captures)}. Next: archive verify")
    ctx.exit(1 if report.lost else 0)
