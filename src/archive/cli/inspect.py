"""`archive try`: what would be extracted from a page, and by which rule."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click
from rich.text import Text

from archive import wire
from archive.cli.terminal import out
from archive.config import Settings
from archive.errors import ConfigError, StoreError
from archive.extract import SiteKnowledge, extract, suggest_profile
from archive.ingest.reading import PageReader
from archive.model import (
    Attachment,
    Block,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    Page,
    Paragraph,
    Quote,
    Table,
)
from archive.store import Store, queries
from archive.urls import Scope
from archive.warc import capture_files

_NOWHERE = "saved.invalid"
"""Host of a saved file whose address is not told, so that its relative links still resolve (RFC 2606)."""


@click.command("try")
@click.argument("targets", metavar="URL|FILE", nargs=-1, required=True)
@click.option("--profile", help="Force a profile instead of choosing by the evidence in the page.")
@click.option("--url", "base", help="For a FILE: the address it was saved from, to resolve its links.")
@click.option("--allow-private", is_flag=True, help="For a URL: allow loopback and private addresses.")
@click.option(
    "--suggest-profile",
    "suggest",
    is_flag=True,
    help="Draft a profile from several article pages of one site.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, rules and dropped text included.")
@click.pass_obj
def try_command(
    settings: Settings,
    targets: tuple[str, ...],
    profile: str | None,
    base: str | None,
    allow_private: bool,
    suggest: bool,
    as_json: bool,
) -> None:
    """Show what the archive would extract from a page, each field with the rule that found it.

    Nothing is stored. Give addresses or saved HTML files; with --suggest-profile three or more articles of
    one site, for a profile in TOML that a person looks over (docs/extraction.md). What a crawl has learnt of
    the page's site is used, and what it throws away is shown with the rest.

    \b
    Examples:
      archive try https://huyendamha.vn/le-phat-dong/
      archive try page.html --url https://huyendamha.vn/le-phat-dong/
    """
    pages = [_page(settings, target, base, allow_private) for target in targets]
    if suggest:
        click.echo(suggest_profile(pages))
        return
    for page in pages:
        known = _knowledge(settings, page.url)
        extraction = extract(page, profile=profile, knowledge=known)
        if as_json:
            click.echo(json.dumps(wire.to_dict(extraction), ensure_ascii=False, indent=1))
        else:
            _show(extraction)


def _page(settings: Settings, target: str, base: str | None, allow_private: bool) -> Page:
    if target.startswith(("http://", "https://")):
        import crawler

        return crawler.fetch_page(settings, target, allow_private=allow_private)
    path = Path(target)
    try:
        return Page(base or f"https://{_NOWHERE}/{path.name}", path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be read: {error.strerror}.",
            "Give a file, or an address that starts with http:// or https://.",
        ) from error


def _knowledge(settings: Settings, url: str) -> SiteKnowledge | None:
    """What was learnt of the crawled site to which an address belongs; None for a stranger's page."""
    try:
        store = Store.open(settings.database_url, migrate=False)
    except StoreError:
        return None  # nothing was crawled yet
    with closing(store), store.read() as connection:
        for site in queries.site_entries(connection):
            if Scope.of(site).contains(url):
                return PageReader(capture_files(settings)).knowledge(connection, site.id)
    return None


def _show(extraction: Extraction) -> None:
    console = out()
    rules = {item.field: item.rule for item in extraction.trace}
    for part in ("authors", "organisation", "photographers", "source"):
        rules.setdefault(part, rules.get("byline", "credit of a picture"))

    def line(name: str, value: str) -> None:
        if value:
            rule = f"   [{rules[name]}]" if name in rules else ""
            console.print(Text.assemble((f"{name:<14}", "bold"), value, (rule, "dim")))

    line("kind", extraction.kind.value + (f" ({extraction.reason})" if extraction.reason else ""))
    line("extractor", extraction.extractor)
    line("profile", extraction.profile or "none: generic rules")
    line("title", extraction.title)
    line("lead", extraction.lead)
    for name in ("published", "modified"):
        fact = getattr(extraction, name)
        if fact is not None:
            rules.setdefault(name, fact.basis)
            line(name, f"{fact.iso()}  from “{fact.text}”")
    byline = extraction.byline
    line("authors", ", ".join(byline.authors))
    line("organisation", byline.organisation)
    line("photographers", ", ".join(byline.photographers))
    line("source", byline.source)
    line("section", extraction.section)
    line("canonical", extraction.canonical)
    line("page of", extraction.part_of)
    line("more pages", " ".join(extraction.parts))
    for note in extraction.notes:
        line("note", note)
    line("body", f"{len(extraction.blocks)} blocks" if extraction.blocks else "")
    console.print()
    for block in extraction.blocks:
        console.print(_block_text(block))
    if extraction.dropped:
        console.print(Text("\nThrown away:", style="bold"))
        for item in extraction.dropped:
            console.print(Text.assemble(("  - ", "dim"), item.text[:150], (f"   [{item.rule}]", "dim")))


def _block_text(block: Block) -> Text:
    match block:
        case Heading(text=text):
            return Text(text, style="bold")
        case Paragraph(text=text):
            return Text(text)
        case ListBlock(items=items):
            return Text("\n".join(f"• {item}" for item in items))
        case Quote(paragraphs=paragraphs):
            return Text("\n".join(f"> {item}" for item in paragraphs))
        case Table(rows=rows):
            return Text("\n".join(" | ".join(row) for row in rows))
        case Attachment(url=url, name=name):
            return Text(f"[attachment] {name} {url}", style="cyan")
        case Figure(pictures=pictures, caption=caption, credit=credit, video=video):
            shown = [f"[picture] {picture.url}" for picture in pictures] + [f"[video] {video}"] * bool(video)
            said = [f"\n    caption: {caption}"] * bool(caption) + [f"\n    credit: {credit}"] * bool(credit)
            return Text.assemble(("\n".join(shown), "cyan"), *said)
