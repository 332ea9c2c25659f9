"""`python -m tests.portal`: run the sample portal, alone or with an archive of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click

from tests.portal.moods import names as mood_names
from tests.portal.portal import CONTROL_FILE, Portal, PortInUseError

ARTICLES = click.option(
    "--articles", default=600, show_default=True, type=click.IntRange(1), help="How many articles."
)
SEED = click.option("--seed", default=1, show_default=True, help="Another seed makes other articles.")
VAR = click.option(
    "--var",
    type=click.Path(path_type=Path),
    default=Path("var/sample"),
    show_default=True,
    help="Folder of the sample archive; keeps the portal's ports.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A made-up news portal on loopback: three sites of three families, one real article among invented ones.

    Bad behaviour on request: ask any site for /__fault/NAME (an unknown name lists them).
    """


@main.command()
@ARTICLES
@SEED
@VAR
def serve(articles: int, seed: int, var: Path) -> None:
    """Run the portal by itself and print its addresses and a sites file. Ctrl-C ends it."""
    stop = _stop_on_signals()
    with _started(articles, seed, var) as portal:
        for site in portal.sites:
            click.echo(f"{site.base_url}/  {site.name} ({site.district.family})")
        sites = var / "sites.toml"
        sites.write_text(portal.sites_toml(), "utf-8")
        click.echo(f"Sites file: {sites}")
        stop.wait()


@main.command()
@ARTICLES
@SEED
@VAR
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the archive listens on.")
@click.option("--port", default=8000, show_default=True, help="Port of the archive's site.")
def run(articles: int, seed: int, var: Path, host: str, port: int) -> None:
    """Run the portal, collect it, index it and serve the archive of it, all below one folder."""
    stop = _stop_on_signals()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}
    environment |= {"ARCHIVE_VAR": str(var), "ARCHIVE_INDEX": str(var / "index"), "ARCHIVE_SAMPLE": "true"}
    environment |= {"ARCHIVE_PUBLIC_BASE": f"http://{host}:{port}"}
    with _started(articles, seed, var) as portal:
        sites = var / "sites.toml"
        sites.write_text(portal.sites_toml(), "utf-8")
        command = [sys.executable, "-m", "archive.cli", "run", "--sites", str(sites)]
        command += ["--host", host, "--port", str(port)]
        child = subprocess.Popen(command, env=environment)
        threading.Thread(target=_pass_on, args=(stop, child), daemon=True).start()
        code = child.wait()
    # A signal that ended the child ends us in the same way for the shell.
    sys.exit(128 - code if code < 0 else code)


@main.command()
@VAR
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day that the portal believes it is.")
@click.option("--dark", multiple=True, metavar="ID", help="A site that stops answering (repeatable).")
@click.option("--renamed", multiple=True, metavar="ID", help="A site whose addresses all lead to new ones.")
@click.option(
    "--moved", multiple=True, type=(str, str), metavar="ID URL", help="A site that moved to a host."
)
@click.option("--taken-over", multiple=True, metavar="ID", help="A site whose domain was bought.")
@click.option(
    "--mood",
    "moods",
    multiple=True,
    type=(str, click.Choice(mood_names())),
    metavar="ID NAME",
    help="A site that is not as it was: " + ", ".join(mood_names()) + ".",
)
def clock(
    var: Path,
    today: dt.datetime | None,
    dark: tuple[str, ...],
    renamed: tuple[str, ...],
    moved: tuple[tuple[str, str], ...],
    taken_over: tuple[str, ...],
    moods: tuple[tuple[str, str], ...],
) -> None:
    """Move a running portal's clock, or let a site go dark, move, or fall into other hands.

    After 2025-06-30 new articles appear every eight hours; within two weeks some are edited and some vanish.
    """
    control: dict[str, object] = {"dark": list(dark), "renamed": list(renamed), "moved": dict(moved)}
    control |= {"taken_over": list(taken_over), "moods": dict(moods)}
    if today is not None:
        control["today"] = today.date().isoformat()
    var.mkdir(parents=True, exist_ok=True)
    (var / CONTROL_FILE).write_text(json.dumps(control), "utf-8")
    click.echo(f"{var / CONTROL_FILE}: {control}")


@contextlib.contextmanager
def _started(articles: int, seed: int, var: Path) -> Iterator[Portal]:
    portal = Portal(articles, seed, var)
    try:
        portal.start()
    except PortInUseError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(2)
    try:
        yield portal
    finally:
        portal.close()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


def _pass_on(stop: threading.Event, child: subprocess.Popen[bytes]) -> None:
    """Hand a request to stop on to the archive, also when only this process was asked."""
    stop.wait()
    child.terminate()


if __name__ == "__main__":
    main(prog_name="python -m tests.portal")
