"""`archive captures`: where the capture files are, and their way to the bucket."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict

import click

from archive.cli.terminal import err, number, out, size
from archive.config import Settings
from archive.errors import ConfigError
from archive.preserve.putaway import put_away_all
from archive.store import Store
from archive.warc import capture_files


@click.group("captures")
def captures_group() -> None:
    """Where the capture files are: on this disk, or in a bucket (setting `captures`)."""


@captures_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each file.")
@click.pass_obj
def list_command(settings: Settings, as_json: bool) -> None:
    """List the capture files, with bytes and place.

    A file that is on its way, or that `archive migrate` copied, is in both places: `here` and `there`.
    """
    files = capture_files(settings)
    here = files.local()
    there = files.remote.sizes() if files.remote is not None else {}
    for name in sorted(here | there):
        places = [word for word, found in (("here", here), ("there", there)) if name in found]
        told = {"file": name, "bytes": here.get(name, there.get(name, 0)), "places": places}
        if as_json:
            click.echo(json.dumps(told))
        else:
            out().print(f"{told['bytes']:>14,}  {'+'.join(places):<10}  {name}", markup=False)
    if not as_json:
        place = files.remote.place if files.remote is not None else "no bucket is set"
        out().print(
            f"Here {settings.warc_dir}: {number(len(here))} files, {size(sum(here.values()))}; "
            f"there {place}: {number(len(there))} files, {size(sum(there.values()))}",
            markup=False,
        )


@captures_group.command("send")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def send_command(settings: Settings, as_json: bool) -> None:
    """Send finished files to the bucket now.

    Crawls and imports do so when they end; this is for what a bucket that did not serve left here. Each
    file is sent with its SHA-256, read back, and only then removed here. Safe to repeat and to interrupt.
    """
    if not settings.captures:
        raise ConfigError("No bucket is set.", "Set `captures`, for instance to s3://my-bucket/archive.")
    with closing(Store.open(settings.database_url)) as store:
        report = put_away_all(
            settings, store, told=lambda name, bytes_: err().print(f"{name}: {size(bytes_)}", markup=False)
        )
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    out().print(f"{number(report.sent)} files ({size(report.size)}) are in {settings.captures}", markup=False)
    for name in report.unfinished:
        out().print(f"Stays here: {name}: it is not finished, or not in the database", markup=False)
    for site in report.busy:
        out().print(f"Passed over: {site}, which another process holds", markup=False)
