"""`archive coverage`: what is known of, and what became of it."""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict

import click
from rich.table import Table

from archive.cli.terminal import number, out
from archive.config import Settings
from archive.errors import ConfigError
from archive.store import Store
from archive.store.coverage import Coverage

_COLUMNS = ("known", "captured", "extracted", "unread", "failed", "lost", "waiting", "gone")


@click.command("coverage")
@click.option("--site", metavar="ID", help="Only one site.")
@click.option("--years", is_flag=True, help="By year of publication.")
@click.option("--months", is_flag=True, help="By month of publication.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON lines, by month.")
@click.option("--csv", "as_csv", is_flag=True, help="Print as CSV, by month.")
@click.pass_obj
def coverage_command(
    settings: Settings, site: str | None, years: bool, months: bool, as_json: bool, as_csv: bool
) -> None:
    """How much of each portal is here: in all, or by year or month of publication.

    Known = captured + failed + lost + waiting. Captured: a page is kept; extracted: it can be read and found;
    unread: a bot check or an error came in its place; failed: could not be fetched; lost: gone before the
    archive came; waiting: not asked for yet. Gone: read here, and no longer at the portal.

    \b
      archive coverage --site dam-ha --months
      archive coverage --csv > coverage.csv
    """
    store = Store.open(settings.database_url)
    try:
        known = [item.id for item in store.sites()]
        ledger = store.coverage(site)
    finally:
        store.close()
    if site is not None and site not in known:
        raise ConfigError(f"There is no site {site!r}.", f"There are: {', '.join(sorted(known)) or 'none'}.")
    if as_json:
        for (site_id, month), row in ledger.items():
            click.echo(json.dumps({"site": site_id, "month": month or None, **row.to_dict()}))
        return
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(("site", "month", *_COLUMNS))
        for (site_id, month), row in ledger.items():
            values = row.to_dict()
            writer.writerow((site_id, month, *(values[name] for name in _COLUMNS)))
        return
    digits = 7 if months else 4 if years else 0
    grouped: dict[tuple[str, str], list[Coverage]] = defaultdict(list)
    for (site_id, month), row in ledger.items():
        grouped[site_id, month[:digits]].append(row)
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Site", no_wrap=True)
    if digits:
        table.add_column("Month" if months else "Year", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name.capitalize(), justify="right", no_wrap=True)
    for (site_id, period), rows in sorted(grouped.items()):
        values = Coverage.total(rows).to_dict()
        when = (period or "not known",) if digits else ()
        table.add_row(site_id, *when, *(number(values[name]) for name in _COLUMNS))
    out().print(table)
