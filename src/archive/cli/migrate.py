"""`archive migrate`: to another database, or with the captures to a bucket, and back."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.table import Table

from archive.cli.terminal import err, number, out, progress, size
from archive.config import Settings
from archive.errors import ConfigError
from archive.preserve import migrate
from archive.preserve.migrate import FilesMoved, IndexMoved
from archive.store.moving import Moved

_DISK = "disk"


@click.command("migrate")
@click.option(
    "--to",
    "target",
    metavar="PLACE",
    help="An SQLAlchemy URL; s3://bucket/prefix, or disk; an OpenSearch address, or whoosh.",
)
@click.option("--endpoint", default="", metavar="URL", help="Of an S3 server other than Amazon's.")
@click.option("--reopen", is_flag=True, help="Let the present database be written again that was moved away.")
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON.")
@click.pass_obj
def migrate_command(
    settings: Settings, target: str | None, endpoint: str, reopen: bool, as_json: bool
) -> None:
    """Move a part of the archive to another place, while the site stays up.

    \b
      archive migrate --to postgresql+psycopg://archive@db/archive     the database
      archive migrate --to sqlite:////srv/archive/archive.db           the database, and back
      archive migrate --to opensearch+https://host:9200/archive        the index; back: whoosh
      archive migrate --to s3://my-bucket/archive                      the captures
      archive migrate --to disk                                        the captures, and back

    Reading goes on all the time. What is in force stays in force until the proof: count and SHA-256 of each
    table or file on both sides, and the content of each article hashed anew. Then the setting to change is
    printed. Killed at any moment, the same command goes on.

    A database that was moved refuses to be written from then on, and says where it went: change the setting
    and start the site, the scheduler and crawls again. While the rest is compared writers are held; crawls
    that cannot wait so long end, and go on later. --reopen undoes that, unless the new one was written to.
    """
    if reopen == (target is not None):
        raise ConfigError("Say where to.", "Give --to PLACE, or --reopen; see archive migrate --help.")
    if target is None:
        gone = migrate.reopen_database(settings)
        text = f"It had moved to {gone}, and may be written again." if gone else "It was not moved."
        out().print(text, markup=False)
    elif target == _DISK:
        _files(migrate.fetch_captures(settings, _tell), 'captures = ""', as_json)
    elif target == "whoosh" or target.startswith("opensearch"):
        with progress("Indexing", "articles") as advance:
            report = migrate.move_index(settings, target, advance)
        _index(report, f'search_engine = "{target}"', as_json)
    elif target.startswith("s3:"):
        line = f'captures = "{target}"' + (f'\ncaptures_endpoint = "{endpoint}"' if endpoint else "")
        _files(migrate.send_captures(settings, target, endpoint, _tell), line, as_json)
    else:
        _database(migrate.move_database(settings, target, _step), target, as_json)


def _tell(name: str, bytes_: int) -> None:
    err().print(f"{name}: {size(bytes_)}", markup=False)


def _step(step: str, table: str, rows: int) -> None:
    """One line a table: the last one is drawn over on a terminal."""
    console = err()
    words = {"copy": "Copying", "held": "Writers held, comparing", "proof": "Proven"}
    if console.is_terminal:
        console.print(f"\r{words[step]} {table}: {number(rows)} rows\x1b[K", end="", markup=False)
    elif step == "proof":
        console.print(f"{words[step]} {table}: {number(rows)} rows", markup=False)


def _database(report: Moved, url: str, as_json: bool) -> None:
    line = f'database = "{url}"'
    if as_json:
        click.echo(json.dumps({**asdict(report), "setting": line}))
        return
    err().print()
    table = Table("Table", "Rows", "SHA-256 on both sides", box=None, header_style="bold")
    for item in report.tables:
        if item.rows:
            table.add_row(item.table, number(item.rows), item.sha256)
    out().print(table)
    rows = sum(item.rows for item in report.tables)
    out().print(
        f"{report.source} and {report.target} are equal: {number(rows)} rows "
        f"in {len(report.tables)} tables; {number(report.articles)} articles, the content of "
        f"{number(report.contents)} readings hashed anew. {number(report.written)} rows were written, "
        f"{number(report.while_held)} of them while writers were held.",
        markup=False,
    )
    _then(line)


def _index(report: IndexMoved, line: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**asdict(report), "setting": line}))
        return
    table = Table(
        "Site", "SHA-256 of its articles' ids, in database and index", box=None, header_style="bold"
    )
    for site, digest in sorted(report.sites.items()):
        table.add_row(site, digest)
    out().print(table)
    out().print(
        f"{report.target} has the {number(report.articles)} articles of the database; {report.source} is "
        "still in use.",
        markup=False,
    )
    _then(line)


def _files(report: FilesMoved, line: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**asdict(report), "setting": line}))
        return
    out().print(
        f"{number(report.files)} files ({size(report.size)}) are in {report.source} and in {report.target}, "
        "each with the same SHA-256.",
        markup=False,
    )
    for item in report.left:
        out().print(f"Goes later: {item}", markup=False)
    _then(line)


def _then(line: str) -> None:
    out().print(
        "Now change archive.toml, and start the site, the scheduler and crawls again:\n", markup=False
    )
    out().print(line, markup=False)
