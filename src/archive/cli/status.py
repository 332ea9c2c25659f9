"""`archive status`: what is in the archive, and what it needs."""

from __future__ import annotations

import json

import click
from rich.table import Table

from archive.cli.terminal import number, out, size
from archive.config import Settings
from archive.search import indexer
from archive.store import Store


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def status_command(settings: Settings, as_json: bool) -> None:
    """What is in here: sites, articles, captures, disk, and whether the index is in step."""
    store = Store.open(settings.database_url)
    try:
        totals = store.totals()
        sites = store.sites()
        index = indexer.status(settings, store)
    finally:
        store.close()
    warcs = sorted(settings.warc_dir.glob("*.warc.gz"))
    disk = sum(path.stat().st_size for path in warcs)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "articles": totals.articles,
                    "versions": totals.versions,
                    "captures": totals.captures,
                    "warc_files": len(warcs),
                    "warc_bytes": disk,
                    "index": {"articles": index.articles, "behind": index.behind, "problem": index.problem},
                    "sites": [
                        {"id": site.id, "name": site.name, "start": site.start, "articles": site.articles}
                        for site in sites
                    ],
                },
                ensure_ascii=False,
            )
        )
        return
    console = out()
    console.print(
        f"{number(totals.articles)} articles in {number(totals.versions)} versions, "
        f"{number(totals.captures)} captures, {len(warcs)} WARC files ({size(disk)})"
    )
    if index.problem:
        console.print(f"[red]Index: {index.problem}[/red]")
    elif index.behind:
        console.print(f"Index: {number(index.behind)} changes behind; run `archive index update`.")
    else:
        console.print(f"Index: {number(index.articles)} articles, up to date")
    table = Table("Site", "Name", "Articles", "From", "To", "Last crawl", box=None, header_style="bold")
    for site in sites:
        table.add_row(
            site.id,
            site.name,
            number(site.articles),
            f"{site.first_day:%d/%m/%Y}" if site.first_day else "–",
            f"{site.last_day:%d/%m/%Y}" if site.last_day else "–",
            f"{site.last_crawl:%d/%m/%Y %H:%M} UTC" if site.last_crawl else "never",
        )
    console.print(table)
