"""`archive import`: what others saved, taken in as if it had been crawled when they saved it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from archive.cli.stop import stop_on_signals
from archive.cli.terminal import err, number, out, progress, size
from archive.config import Settings
from archive.errors import ConfigError
from archive.model import Site
from archive.preserve.importing import ImportReport, Target, import_all, importer
from archive.store import Store, imports

_SHOWN = 20


@click.command("import")
@click.argument("paths", metavar="FILE|FOLDER", nargs=-1, type=click.Path(path_type=Path))
@click.option("--site", "site_id", metavar="ID", help="Take everything in as this site.")
@click.option("--new-site", "new_name", metavar="NAME", help="Make a site of this name for it.")
@click.option("--url", "base", metavar="URL", help="Address of a folder's top, where nothing tells it.")
@click.option(
    "--sites",
    "sites_file",
    type=click.Path(path_type=Path),
    default=Path("sites.toml"),
    show_default=True,
    help="TOML file that lists the portals; used where it exists.",
)
@click.option("--by", default=importer, show_default="your user name", help="Who imports, for the record.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="One writes, the others read pages ahead; the result is the same.",
)
@click.option("--skipped", "list_skipped", is_flag=True, help="List everything that was left out.")
@click.option("--list", "list_imports", is_flag=True, help="List earlier imports; take nothing in.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each source.")
@click.pass_context
def import_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    site_id: str | None,
    new_name: str | None,
    base: str | None,
    sites_file: Path,
    by: str,
    processes: int,
    list_skipped: bool,
    list_imports: bool,
    as_json: bool,
) -> None:
    """Take in what others saved: WARC, ARC and WACZ files, and mirrors made with HTTrack or wget.

    \b
      archive import dam-ha.warc.gz                     sites by their hosts
      archive import old.wacz --site huyendamha-vn      all of it to one site
      archive import ~/huyenbache.vn --new-site "Cổng TTĐT huyện Ba Chẽ"

    Each exchange goes into the archive's own WARC files, with its own date and a note of where it came
    from; articles and versions follow as from a crawl. Interrupted, the same command goes on where it was;
    repeated, it takes nothing in twice. What is damaged or hostile is left out and listed with the reason.
    """
    settings: Settings = ctx.obj
    store = Store.open(settings.database_url)
    try:
        if list_imports:
            _list(store, as_json)
            return
        if not paths:
            raise ConfigError("No file or folder is named.", "For instance: archive import portal.warc.gz")
        sites = _sites(sites_file, ctx)
        target = _target(store, sites, site_id, new_name)
        with stop_on_signals() as stop:
            reports, refused = import_all(
                settings,
                store,
                paths,
                target=target,
                sites=sites,
                by=by,
                base=base or "",
                stop=stop,
                processes=processes,
                bar=lambda name: progress(f"Importing {name}", "records"),
                waiting=lambda site: err().print(f"[yellow]Waiting for another process at {site} …[/yellow]"),
            )
    finally:
        store.close()
    for report in reports:
        if as_json:
            click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    if not as_json:
        _print(reports, list_skipped)
    for error in refused:
        err().print(f"[red]archive: {error}[/red]")
    if stop.is_set():
        err().print("Stopped. The same command goes on from here.")
        ctx.exit(stop.exit_code)
    ctx.exit(1 if refused else 0)


def _sites(path: Path, ctx: click.Context) -> list[Site]:
    import crawler

    given = ctx.get_parameter_source("sites_file") is not click.core.ParameterSource.DEFAULT
    return crawler.load_sites(path) if given or path.is_file() else []


def _target(store: Store, sites: Sequence[Site], site_id: str | None, new_name: str | None) -> Target:
    if site_id and new_name:
        raise ConfigError("Both --site and --new-site are given.", "Give one of them.")
    if not site_id:
        return Target(new_name=new_name or "")
    known = {site.id: site for site in [*store.site_entries(), *sites]}
    if site_id not in known:
        raise ConfigError(
            f"There is no site {site_id!r}.",
            f"Known: {', '.join(sorted(known)) or 'none'}. Or make one with --new-site NAME.",
        )
    return Target(site=known[site_id])


def _print(reports: Sequence[ImportReport], list_all: bool) -> None:
    table = Table(
        "Source", "Taken in", "Known", "New articles", "Versions", "Left out", "Sites", box=None,
        header_style="bold",
    )  # fmt: skip
    for report in reports:
        counts = report.counts
        table.add_row(
            report.source + ("" if report.complete else " (not complete)"),
            *(number(counts[name]) for name in ("taken", "known", "articles", "versions", "skipped")),
            ", ".join(report.sites),
        )
    out().print(table)
    for report in reports:
        shown = report.skipped if list_all else report.skipped[:_SHOWN]
        for place, reason in shown:
            out().print(f"[yellow]{report.source}: {place}: {reason}[/yellow]", markup=True)
        if len(report.skipped) > len(shown):
            reasons = Counter(reason for _, reason in report.skipped[len(shown) :])
            out().print(f"… and {number(reasons.total())} more; --skipped lists them all.")
    if any(report.counts["articles"] or report.counts["versions"] for report in reports):
        out().print("Next: archive index update")


def _list(store: Store, as_json: bool) -> None:
    with store.read() as connection:
        rows = imports.listed(connection)
    if as_json:
        for row in rows:
            click.echo(
                json.dumps(
                    {
                        "name": row.name,
                        "sha256": row.sha256,
                        "kind": row.kind,
                        "size": row.size,
                        "target": row.target,
                        "by": row.imported_by,
                        "began": row.began_at.isoformat(),
                        "ended": row.ended_at.isoformat() if row.ended_at else None,
                        "counts": row.counts,
                        "skipped": [list(item) for item in row.skipped],
                    },
                    ensure_ascii=False,
                )
            )
        return
    table = Table(
        "Begun", "Source", "Size", "To", "By", "Taken in", "Left out", box=None, header_style="bold"
    )
    for row in rows:
        table.add_row(
            f"{row.began_at:%d/%m/%Y %H:%M}",
            row.name + ("" if row.ended_at else " (not complete)"),
            size(row.size),
            row.target,
            row.imported_by,
            number(row.counts.get("taken", 0)),
            number(row.counts.get("skipped", 0)),
        )
    out().print(table)
