"""`archive export`: what is kept, handed out in forms that outlive this program."""

from __future__ import annotations

import dataclasses
import functools
import json
from contextlib import closing
from pathlib import Path

import click

from archive.cli.terminal import err, number, out, size
from archive.config import Settings
from archive.errors import ConfigError
from archive.preserve.exporting import (
    Selection,
    Tally,
    export_evidence,
    export_jsonl,
    export_parquet,
    export_wacz,
    export_warc,
)
from archive.store import Store
from archive.warc import capture_files

_SUFFIXES = {".wacz": "wacz", ".jsonl": "jsonl", ".parquet": "parquet", ".zip": "evidence"}
_FORMATS = ("warc", "wacz", "jsonl", "parquet", "evidence")
_PAGE = 100
_MAX_FOUND = 1_000_000


@click.command("export")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    help="What to write [default: by the name of OUT; else warc].",
)
@click.option("--site", metavar="ID", help="Of this site only.")
@click.option("--query", metavar="TEXT", help="Only what this search finds (as on the search page).")
@click.option("--article", metavar="ID", help="Only this article; with .zip its evidence pack.")
@click.option("--all-versions", is_flag=True, help="JSONL and Parquet: every version, not only the newest.")
@click.option("--no-timestamp", is_flag=True, help="Evidence: do not ask the timestamp authority.")
@click.option("--json", "as_json", is_flag=True, help="Print counts, hashes and what was left out as JSON.")
@click.pass_context
def export_command(
    ctx: click.Context,
    target: Path,
    kind: str | None,
    site: str | None,
    query: str | None,
    article: str | None,
    all_versions: bool,
    no_timestamp: bool,
    as_json: bool,
) -> None:
    """Write captures and articles for others to keep, play, analyse or check.

    \b
      archive export out/                                a folder of WARC files, with hashes
      archive export dam-ha.wacz --site huyendamha-vn    opens in ReplayWeb.page
      archive export covid.parquet --query covid         a table of articles
      archive export proof.zip --article abcdef234567    an evidence pack, to be checked offline

    OUT appears when it is complete, and is never written over. What is withheld is left out. A folder of WARC
    files can be imported again: it gives the same articles with the same ids.
    """
    settings: Settings = ctx.obj
    kind = kind or _SUFFIXES.get(target.suffix.lower(), "warc")
    if kind == "evidence" and not article:
        raise ConfigError("An evidence pack is of one article.", "Name it with --article ID.")
    if article and query:
        raise ConfigError("Both --article and --query are given.", "Give one of them.")
    with closing(Store.open(settings.database_url)) as store:
        selection = _selection(settings, store, site, query, article)
        tally = _write(
            settings, store, kind, selection, target, all_versions=all_versions, stamp=not no_timestamp
        )
    if as_json:
        found = {"target": str(target), "format": kind, "selection": selection.to_dict(), **tally.to_dict()}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(target, tally)
    ctx.exit(1 if tally.lost else 0)


def _selection(
    settings: Settings, store: Store, site: str | None, query: str | None, article: str | None
) -> Selection:
    if site is not None and store.site(site) is None:
        known = ", ".join(item.id for item in store.sites()) or "none"
        raise ConfigError(f"There is no site {site!r}.", f"Known: {known}.")
    if article is not None:
        if store.article(article) is None:
            raise ConfigError(
                f"There is no article {article!r}, or it is withheld.", "Its id stands in its address: /a/ID."
            )
        return Selection(articles=(article,))
    if query is not None:
        return Selection(site=site, query=query, articles=tuple(_found(settings, store, query, site)))
    return Selection(site=site)


def _found(settings: Settings, store: Store, query: str, site: str | None) -> list[str]:
    """Ids of all that a search finds, each text as often as it was published."""
    from archive.search import open_backend
    from archive.search.backend import SearchRequest, Sort
    from archive.search.guard import Guarded

    ids: dict[str, None] = {}
    wanted = SearchRequest(
        q=query, size=_PAGE, sort=Sort.OLDEST, sites=(site,) if site else (), facets=False, collapse=False
    )
    with closing(Guarded(open_backend(settings), store)) as backend:
        for page in range(1, _MAX_FOUND // _PAGE):
            answer = backend.search(dataclasses.replace(wanted, page=page))
            for hint in answer.hints if page == 1 else ():
                err().print(f"[yellow]Hint: {hint.kind.value.replace('-', ' ')} {hint.detail}[/yellow]")
            ids |= dict.fromkeys(hit.id for hit in answer.hits)
            if len(answer.hits) < _PAGE:
                break
    return list(ids)


def _write(
    settings: Settings,
    store: Store,
    kind: str,
    selection: Selection,
    target: Path,
    *,
    all_versions: bool,
    stamp: bool,
) -> Tally:
    operator, folder = settings.operator, capture_files(settings)
    match kind:
        case "warc":
            return export_warc(store, folder, selection, target, operator=operator)
        case "wacz":
            return export_wacz(store, folder, selection, target, operator=operator, title=settings.name)
        case "evidence":
            from archive.web.evidence import citations

            (article,) = selection.articles or ("",)
            cited = functools.partial(citations, settings)
            return export_evidence(store, settings, article, target, citations=cited, stamp=stamp)
        case _:
            write = export_jsonl if kind == "jsonl" else export_parquet
            return write(
                store, selection, target, public_base=settings.public_base, operator=operator,
                all_versions=all_versions,
            )  # fmt: skip


def _print(target: Path, tally: Tally) -> None:
    total = sum(item.size for item in tally.files)
    counts = ", ".join(f"{number(count)} {name}" for name, count in sorted(tally.counts.items()) if count)
    out().print(f"{target}: {counts or 'nothing'} ({size(total)})")
    for item in tally.lost:
        out().print(f"[red]Left out: {item.capture.url}: {item.reason}[/red]")
