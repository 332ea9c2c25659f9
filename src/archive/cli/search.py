"""`archive search`."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing

import click
from rich.text import Text

from archive.cli.terminal import err, number, out
from archive.config import Settings
from archive.search import open_backend
from archive.search.backend import SearchHit, SearchPage, SearchRequest, Snippet, Sort
from archive.search.guard import Guarded
from archive.search.render import page_dict
from archive.store import Store

_FIELD_LABELS = {"caption": "caption: ", "attachment": "attachment: ", "lead": "", "body": "", "title": ""}


@click.command("search")
@click.argument("query", nargs=-1)
@click.option("--page", default=1, show_default=True, type=click.IntRange(1))
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 1000), help="Results a page.")
@click.option(
    "--sort", type=click.Choice([item.value for item in Sort]), default="relevance", show_default=True
)
@click.option("--site", multiple=True, metavar="ID", help="Only this site (repeatable).")
@click.option("--section", multiple=True, help="Only this section (repeatable).")
@click.option("--year", multiple=True, type=int, help="Only this year of publication (repeatable).")
@click.option(
    "--from", "date_from", type=click.DateTime(["%Y-%m-%d"]), help="Published on this day or later."
)
@click.option("--to", "date_to", type=click.DateTime(["%Y-%m-%d"]), help="Published on this day or earlier.")
@click.option("--status", multiple=True, type=click.Choice(["live", "changed", "gone"]))
@click.option("--person", multiple=True, help="Only articles that name this person (repeatable).")
@click.option("--place", multiple=True, help="Only articles that name this place (repeatable).")
@click.option("--event", multiple=True, help="Only articles with this kind of event (repeatable).")
@click.option("--media/--no-media", default=None, help="Only with (without) pictures.")
@click.option("--exact", is_flag=True, help="Words must carry their accents as typed (đúng dấu).")
@click.option("--copies-of", default="", metavar="ID", help="Only articles with the same text as this one.")
@click.option("--json", "as_json", is_flag=True, help="Print total, hits, facets and hints as JSON.")
@click.pass_obj
def search_command(
    settings: Settings,
    query: tuple[str, ...],
    page: int,
    size: int,
    sort: str,
    site: tuple[str, ...],
    section: tuple[str, ...],
    year: tuple[int, ...],
    date_from: dt.datetime | None,
    date_to: dt.datetime | None,
    status: tuple[str, ...],
    person: tuple[str, ...],
    place: tuple[str, ...],
    event: tuple[str, ...],
    media: bool | None,
    exact: bool,
    copies_of: str,
    as_json: bool,
) -> None:
    """Search the archive from the terminal.

    \b
      archive search thi dua dam ha                 accents may be missing
      archive search '"đại biểu dự lễ phát động"'    a phrase, found in captions too
      archive search 'title:"nông thôn mới" -covid' --year 2022
    """
    request = SearchRequest(
        q=" ".join(query),
        page=page,
        size=size,
        sort=Sort(sort),
        sites=site,
        sections=section,
        years=year,
        date_from=date_from.date() if date_from else None,
        date_to=date_to.date() if date_to else None,
        status=status,
        keywords=tuple(
            (kind, name)
            for kind, names in (("person", person), ("place", place), ("event", event))
            for name in names
        ),
        media=media,
        exact=exact,
        collapse=not copies_of,
        copies_of=copies_of,
        facets=as_json,
    )
    with (
        closing(Store.open(settings.database_url)) as store,
        closing(Guarded(open_backend(settings), store)) as backend,
    ):
        answer = backend.search(request)
    if as_json:
        click.echo(json.dumps(page_dict(answer, settings.public_base), ensure_ascii=False, indent=1))
    else:
        _print(answer, request)


def _print(answer: SearchPage, request: SearchRequest) -> None:
    console = out()
    for hint in answer.hints:
        err().print(f"[yellow]Hint: {hint.kind.value.replace('-', ' ')} {hint.detail}[/yellow]")
    first = (request.page - 1) * request.size
    for place, hit in enumerate(answer.hits, first + 1):
        console.print(Text(f"{place:>3}. "), _marked(hit.title, "bold"), end="\n", sep="")
        console.print(Text(f"     {_facts(hit)}", style="dim"))
        for snippet in hit.snippets[:2]:
            label = Text(f"     {_FIELD_LABELS.get(snippet.field, '')}")
            console.print(label, _marked(snippet), sep="")
    reading = f" for {answer.reading}" if answer.reading else ""
    console.print(Text(f"{number(answer.total)} found{reading} ({answer.milliseconds:.0f} ms)"))
    if answer.suggestion:
        console.print(Text(f"Did you mean: {answer.suggestion}"))


def _facts(hit: SearchHit) -> str:
    day = dt.date.fromisoformat(hit.published[:10]).strftime("%d/%m/%Y") if hit.published else "undated"
    copies = f"{number(hit.copies)} copies: --copies-of {hit.id}" if hit.copies > 1 else hit.id
    return " · ".join(part for part in (hit.site_name, day, hit.section, copies) if part)


def _marked(snippet: Snippet, style: str = "") -> Text:
    text = Text(snippet.text, style=style)
    for start, end in snippet.marks:
        text.stylize("black on yellow", start, end)
    return text
