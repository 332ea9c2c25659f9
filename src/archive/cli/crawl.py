"""`archive crawl` and `archive run`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click
from rich.table import Table

from archive.cli.index import update_index
from archive.cli.serve import check_port, serve
from archive.cli.stop import stop_on_signals
from archive.cli.terminal import err, out
from archive.config import Settings
from archive.errors import BusyError, ConfigError
from archive.model import Site
from archive.store import Store
from archive.watch import evaluate

_SITES = click.option(
    "--sites",
    "sites_file",
    type=click.Path(path_type=Path),
    default=Path("sites.toml"),
    show_default=True,
    help="TOML file that lists the portals.",
)
_RECHECK = click.option("--recheck", is_flag=True, help="Ask again for every known article, due or not.")
_LIMIT = click.option("--limit", type=click.IntRange(1), help="End after this many pages of each site.")


@click.command("crawl")
@_SITES
@click.option("--only", multiple=True, metavar="ID", help="Only this site of the file (repeatable).")
@_RECHECK
@_LIMIT
@click.option(
    "--share", is_flag=True, help="Together with other processes that are started so, here or on other hosts."
)
@click.option("--failures", is_flag=True, help="List what failed or was left out, by reason; crawl nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print results (or failures) as JSON lines.")
@click.pass_context
def crawl_command(
    ctx: click.Context,
    sites_file: Path,
    only: tuple[str, ...],
    recheck: bool,
    limit: int | None,
    share: bool,
    failures: bool,
    as_json: bool,
) -> None:
    """Collect the portals of a sites file: new pages, and those due for another look.

    Can be stopped at any time (Ctrl-C) and started again: it goes on where it was. A portal needs two
    lines in the file:

    \b
      [[site]]
      name = "Cổng thông tin điện tử huyện Đầm Hà"
      start = "https://huyendamha.vn/"

    With --share any number of processes collect the portals together, each portal by one of them at a time;
    what one that was killed leaves is taken over by another. Several hosts need PostgreSQL and the same
    folder of captures (docs/postgresql.md).
    """
    settings: Settings = ctx.obj
    if failures:
        list_failures(settings, only, as_json)
        return
    if share:
        from archive.cli.share import share as share_out

        sites = choose(settings, sites_file, only)
        ctx.exit(share_out(settings, sites_file, sites, recheck=recheck, limit=limit, as_json=as_json))
    code = crawl(settings, sites_file, only=only, recheck=recheck, limit=limit, as_json=as_json)
    ctx.exit(code)


@click.command("run")
@_SITES
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@_RECHECK
@_LIMIT
@click.pass_context
def run_command(
    ctx: click.Context, sites_file: Path, host: str, port: int, recheck: bool, limit: int | None
) -> None:
    """Crawl, index, then serve: an archive with one command."""
    settings: Settings = ctx.obj
    check_port(host, port)
    code = crawl(settings, sites_file, recheck=recheck, limit=limit)
    if code >= 128:
        ctx.exit(code)
    update_index(settings)
    serve(settings, host, port)


def crawl(
    settings: Settings,
    sites_file: Path,
    *,
    only: tuple[str, ...] = (),
    recheck: bool = False,
    limit: int | None = None,
    as_json: bool = False,
) -> int:
    """Crawl the sites of a file and print a table of results.

    :returns: the exit code: 0; 1 when no site could be crawled, 3 when others crawl them all already; 128
        and more when a signal ended it.
    :raises ConfigError: the file is wrong, or names no such site.
    """
    import crawler
    from crawler.schedule import notify

    chosen = choose(settings, sites_file, only)
    told_by = notify.channels(settings)
    store = Store.open(settings.database_url)
    try:
        with stop_on_signals() as stop, crawler.reporter(err()) as reporter:
            results = crawler.crawl(
                settings, chosen, store=store, reporter=reporter, recheck=recheck, limit=limit, stop=stop
            )
        for result in results:
            evaluate(store, result.site, result.run, channels=told_by)  # logs what it finds
        notify.deliver(store, settings, dt.datetime.now(dt.UTC))
    finally:
        store.close()
    if as_json:
        for result in results:
            click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        out().print(crawler.results_table(results))
    if stop.is_set():
        err().print("Stopped. The same command goes on from here.")
        return stop.exit_code
    if results and all(result.busy for result in results):
        return BusyError.exit_code
    return 1 if results and all(result.error for result in results) else 0


def choose(settings: Settings, sites_file: Path, only: tuple[str, ...]) -> list[Site]:
    """The sites of a file that are to be crawled.

    :raises ConfigError: the file is wrong, or names no such site.
    """
    import crawler

    sites = crawler.load_sites(sites_file)
    known = {site.id for site in sites}
    if unknown := [name for name in only if name not in known]:
        raise ConfigError(f"{sites_file} has no site {unknown[0]!r}.", f"It has: {', '.join(sorted(known))}.")
    chosen = [site for site in sites if not only or site.id in only]
    if not settings.contact and not all(site.allow_private for site in chosen):
        err().print(
            "[yellow]No contact is set, so portals cannot reach you. "
            "Set ARCHIVE_CONTACT to an e-mail address.[/yellow]"
        )
    return chosen


def list_failures(settings: Settings, only: tuple[str, ...], as_json: bool) -> None:
    """Print every address that failed or was left out, grouped by site and reason."""
    import crawler

    store = Store.open(settings.database_url)
    try:
        rows = [item for item in crawler.failures(store) if not only or item.site in only]
    finally:
        store.close()
    if as_json:
        for row in rows:
            click.echo(json.dumps(row.to_dict(), ensure_ascii=False))
        return
    if not rows:
        out().print("Nothing failed and nothing was left out.")
        return
    table = Table("Site", "Reason", "Address", "What happened", box=None, header_style="bold")
    for row in rows:
        table.add_row(row.site, row.failure.reason.value, row.failure.url, row.failure.detail)
    out().print(table)
