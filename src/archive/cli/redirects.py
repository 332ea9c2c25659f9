"""`archive redirects`: old addresses of a portal and the permanent links that stand for them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from archive.config import Settings
from archive.errors import ConfigError
from archive.memento import redirects
from archive.store import Store, lookup

_PAGE = 1_000


@click.command("redirects")
@click.option("--site", "site_id", required=True, metavar="ID", help="Whose addresses.")
@click.option(
    "--format",
    "form",
    type=click.Choice(redirects.FORMS),
    default="csv",
    show_default=True,
    help="For which server; csv has whole addresses.",
)
@click.pass_obj
def redirects_command(settings: Settings, site_id: str, form: str) -> None:
    """Write a map from a portal's old addresses to the archive's permanent links.

    Who holds the portal's old domain can serve it, so that links all over the web go on working. How to use
    the map stands in its first lines.

    \b
      archive redirects --site dam-ha --format nginx > dam-ha-archived.map
    """
    store = Store.open(settings.database_url)
    try:
        if store.site(site_id) is None:
            known = ", ".join(site.id for site in store.sites()) or "none"
            raise ConfigError(f"There is no site {site_id!r}.", f"Known sites: {known}.")
        for line in redirects.write(form, site_id, _pairs(store, site_id, settings.public_base)):
            click.echo(line, nl=False)
    finally:
        store.close()


def _pairs(store: Store, site: str, base: str) -> Iterator[tuple[str, str]]:
    after = ""
    while True:
        with store.read() as connection:
            found = lookup.permanent(connection, site, after, _PAGE)
        yield from ((url, f"{base}/a/{article}") for url, article in found)
        if len(found) < _PAGE:
            return
        after = found[-1][0]
