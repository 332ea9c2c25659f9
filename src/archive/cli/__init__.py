"""One command line: `archive …`.

Exit codes: 0 done; 1 an error, or `verify` found damage; 2 a wrong option, setting or sites file;
3 another process does this already; 130 or 143 ended by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import errno
from pathlib import Path

import click

from archive import __version__, config
from archive.cli.admin import admin_group
from archive.cli.alarms import alarms_group
from archive.cli.backup import backup_command, mend_command, restore_command
from archive.cli.capture import capture_command
from archive.cli.captures import captures_group
from archive.cli.coverage import coverage_command
from archive.cli.crawl import crawl_command, run_command
from archive.cli.dump import dump_group
from archive.cli.events import events_group
from archive.cli.export import export_command
from archive.cli.import_ import import_command
from archive.cli.index import index_group
from archive.cli.inspect import try_command
from archive.cli.migrate import migrate_command
from archive.cli.preserve import manifest_command, replay_command, verify_command
from archive.cli.redirects import redirects_command
from archive.cli.scheduler import scheduler_command
from archive.cli.search import search_command
from archive.cli.serve import serve_command
from archive.cli.status import status_command
from archive.cli.takedown import takedown_group
from archive.errors import ArchiveError


class _Group(click.Group):
    """Turns the archive's own errors, and the disk's, into one readable line and the right exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ArchiveError as error:
            click.secho(f"archive: {error}", fg="red", err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            if error.errno not in _DISK:
                raise
            place = f"{error.filename} cannot be used" if error.filename else "A file cannot be written"
            click.secho(
                f"archive: {place}: {error.strerror}. Make room, or give this user the right to read and "
                "write there, and start the same command again.",
                fg="red",
                err=True,
            )
            ctx.exit(1)


_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
"""What a full, forbidden or failing disk says, where nobody closer to it has more to tell."""


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="archive")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Settings file [default: archive.toml where it exists].",
)
@click.option(
    "--var", type=click.Path(path_type=Path), help="Folder of captures and database [default: var]."
)
@click.option("--index", type=click.Path(path_type=Path), help="Folder of the search index [default: index].")
@click.pass_context
def main(ctx: click.Context, config_file: Path | None, var: Path | None, index: Path | None) -> None:
    """Collect the news of portals, keep the exact bytes, search them and serve them.

    A first archive in three steps:

    \b
      archive crawl --sites sites.toml     collect (again and again: only what is new)
      archive index update                 make it searchable
      archive serve                        show it at http://127.0.0.1:8000

    or all three at once: archive run --sites sites.toml

    Every setting can be given as ARCHIVE_<NAME> or in archive.toml; docs/admin.md lists them.
    """
    ctx.obj = config.load(file=config_file, var=var, index=index)


for command in (
    crawl_command,
    index_group,
    run_command,
    serve_command,
    search_command,
    try_command,
    status_command,
    scheduler_command,
    alarms_group,
    coverage_command,
    verify_command,
    manifest_command,
    import_command,
    migrate_command,
    capture_command,
    captures_group,
    export_command,
    dump_group,
    events_group,
    replay_command,
    redirects_command,
    takedown_group,
    admin_group,
    backup_command,
    restore_command,
    mend_command,
):
    main.add_command(command)
