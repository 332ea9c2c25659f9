"""`archive index update|rebuild`."""

from __future__ import annotations

import json

import click

from archive.cli.terminal import number, out, progress
from archive.config import Settings
from archive.search import indexer
from archive.store import Store


@click.group("index")
def index_group() -> None:
    """Keep the search index in step with the database."""


@index_group.command("update")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def update_command(settings: Settings, as_json: bool) -> None:
    """Index what has changed since the last time."""
    update_index(settings, as_json)


@index_group.command("rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def rebuild_command(settings: Settings, as_json: bool) -> None:
    """Build a new index beside the old one, compare, then swap; searches go on meanwhile."""
    store = Store.open(settings.database_url)
    try:
        with progress("Rebuilding the index", "articles") as advance:
            report = indexer.rebuild(store, settings, advance)
    finally:
        store.close()
    _show(report, as_json)


def update_index(settings: Settings, as_json: bool = False) -> None:
    """Bring the index up to date and say so."""
    store = Store.open(settings.database_url)
    try:
        with progress("Indexing", "changes") as advance:
            report = indexer.update(store, settings, advance)
    finally:
        store.close()
    _show(report, as_json)


def _show(report: indexer.IndexReport, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps(
                {
                    "articles": report.articles,
                    "indexed": report.indexed,
                    "deleted": report.deleted,
                    "seconds": round(report.seconds, 3),
                }
            )
        )
    else:
        out().print(
            f"Index: {number(report.articles)} articles ({number(report.indexed)} written, "
            f"{number(report.deleted)} removed) in {report.seconds:.1f} s"
        )
