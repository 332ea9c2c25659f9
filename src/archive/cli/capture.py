"""`archive capture`: one address at once."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from archive.cli.stop import stop_on_signals
from archive.cli.terminal import err, out
from archive.config import Settings
from archive.errors import ConfigError
from archive.store import Store


@click.command("capture")
@click.argument("url")
@click.option(
    "--sites",
    "sites_file",
    type=click.Path(path_type=Path),
    default=Path("sites.toml"),
    show_default=True,
    help="TOML file that lists the portals; used where it exists.",
)
@click.option("--site-name", default="", metavar="NAME", help="Name of a site that has to be made for it.")
@click.option(
    "--ignore-robots", metavar="REASON", help="Capture although robots.txt forbids it; the reason is kept."
)
@click.option("--allow-private", is_flag=True, help="The address may be loopback or private.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def capture_command(
    ctx: click.Context,
    url: str,
    sites_file: Path,
    site_name: str,
    ignore_robots: str | None,
    allow_private: bool,
    as_json: bool,
) -> None:
    """Capture one address at once, with its pictures and attachments.

    \b
      archive capture https://huyendamha.vn/tin-tuc/bai-12.html

    Redirects are followed; robots.txt and the portal's pace are kept to. The page goes into the site that it
    belongs to, else into one made for its host. Prints where it is archived; exit code 1 when it is not.
    """
    import crawler
    from crawler.now import capture_now

    settings: Settings = ctx.obj
    if ignore_robots is not None and not ignore_robots.strip():
        raise ConfigError("--ignore-robots has no reason.", "Say why: it is kept with the capture.")
    given = ctx.get_parameter_source("sites_file") is not click.core.ParameterSource.DEFAULT
    sites = crawler.load_sites(sites_file) if given or sites_file.is_file() else []
    with closing(Store.open(settings.database_url)) as store, stop_on_signals() as stop:
        done = capture_now(
            settings,
            store,
            url,
            sites=sites,
            site_name=site_name,
            ignore_robots=(ignore_robots or "").strip(),
            allow_private=allow_private,
            stop=stop,
        )
    if as_json:
        click.echo(json.dumps(done.to_dict(settings.public_base), ensure_ascii=False))
    elif done.capture is not None:
        out().print(done.replay(settings.public_base))
        if done.article is not None:
            out().print(f"{settings.public_base}/a/{done.article}  (version {done.version})")
        for address, is_there in done.media:
            out().print(f"  {'kept   ' if is_there else 'missing'} {address}")
    if done.problem:
        err().print(f"[yellow]{done.problem}[/yellow]")
    ctx.exit(0 if done.capture is not None else 1)
