"""`archive scheduler`: crawls when their turn comes, and the work that the admin pages ask for."""

from __future__ import annotations

import datetime as dt
import json
import logging
import signal
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from archive.cli.stop import stop_on_signals
from archive.cli.terminal import out
from archive.config import Settings
from archive.store import Store, schedules


@click.command("scheduler")
@click.option(
    "--sites",
    "sites_file",
    type=click.Path(path_type=Path),
    default=Path("sites.toml"),
    show_default=True,
    help="TOML file that lists the portals, each with its schedule.",
)
@click.option("--once", is_flag=True, help="Do what is due now, then end: for a systemd timer or cron.")
@click.option("--plan", is_flag=True, help="Show when each site's turn comes; do nothing.")
@click.option("--json", "as_json", is_flag=True, help="With --plan: print as JSON.")
@click.pass_context
def scheduler_command(ctx: click.Context, sites_file: Path, once: bool, plan: bool, as_json: bool) -> None:
    """Keep the portals' schedules: crawl, index, watch, and do what the admin pages ask for.

    Each entry of the sites file may have a schedule: "daily" (the default), "hourly", "weekly", "never", or
    five cron fields, in the zone of the setting `timezone`:

    \b
      [[site]]
      name = "Cổng thông tin điện tử huyện Đầm Hà"
      start = "https://huyendamha.vn/"
      schedule = "10 */6 * * *"

    Turns that were missed while it was down are made up for by one crawl. A second scheduler over the same
    archive says so and ends with exit code 3. SIGTERM ends it in order with exit code 0: what was under way
    goes on with the next one.

    \b
      archive scheduler --sites my-sites.toml
      archive scheduler --sites my-sites.toml --plan
    """
    from crawler.schedule.scheduler import Scheduler, only_one

    settings: Settings = ctx.obj
    if plan:
        _plan(settings, sites_file, as_json)
        return
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with only_one(settings), stop_on_signals() as stop:
        store = Store.open(settings.database_url)
        try:
            Scheduler(settings, sites_file, store, stop=stop).run(once=once)
        finally:
            store.close()
    # A service that was asked to end, and did so in order, has not failed.
    ctx.exit(0 if stop.signal == signal.SIGTERM else stop.exit_code)


def _plan(settings: Settings, sites_file: Path, as_json: bool) -> None:
    import crawler
    from crawler.schedule import clock
    from crawler.schedule.scheduler import is_running

    sites, now = crawler.load_sites(sites_file), dt.datetime.now(dt.UTC)
    store = Store.open(settings.database_url)
    try:
        with store.read() as connection:
            kept = schedules.kept(connection)
        paused = store.paused()
        running = is_running(settings, store)
    finally:
        store.close()
    following = clock.following(settings, sites, kept, now)
    if as_json:
        rows = [
            {
                "site": site.id,
                "schedule": site.schedule,
                "paused": paused.get(site.id, ""),
                "last": kept[site.id].isoformat() if site.id in kept else None,
                "next": _iso(following[site.id]),
            }
            for site in sites
        ]
        click.echo(json.dumps({"running": running, "sites": rows}, ensure_ascii=False))
        return
    table = Table("Site", "Schedule", "Last turn", "Next turn", box=None, header_style="bold")
    for site in sites:
        table.add_row(
            site.id,
            site.schedule,
            local(settings, kept.get(site.id), "none yet"),
            f"paused: {paused[site.id]}" if site.id in paused else _turn(settings, following[site.id], now),
        )
    out().print(table)
    out().print("A scheduler is running." if running else "No scheduler is running: start archive scheduler.")


def local(settings: Settings, moment: dt.datetime | None, otherwise: str = "never") -> str:
    """A moment in the zone of the schedules: `24/11/2026 02:10`."""
    if moment is None:
        return otherwise
    return f"{moment.astimezone(ZoneInfo(settings.timezone)):%d/%m/%Y %H:%M}"


def _turn(settings: Settings, moment: dt.datetime | None, now: dt.datetime) -> str:
    return "now" if moment is not None and moment <= now else local(settings, moment)


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
