"""`archive dump make|verify|list`."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from pathlib import Path

import click

from archive.cli.terminal import err, number, out, progress, size
from archive.config import Settings
from archive.errors import ConfigError
from archive.preserve import dumps
from archive.preserve.dumps import Dump
from archive.store import Store


@click.group("dump")
def dump_group() -> None:
    """Write the whole archive as files for analysis, check such files, offer them to readers."""


@dump_group.command("make")
@click.argument("target", metavar="[OUT]", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print counts as JSON.")
@click.pass_obj
def make_command(settings: Settings, target: Path | None, as_json: bool) -> None:
    """Write every version of every article, with the hashes of its captures, and all events and people.

    \b
      archive dump make dump-2026-11         a folder of your choice
      archive dump make                      <dumps>/<day>, offered at /dumps/ at once

    JSON Lines (gzip) and Parquet, by site and year, with a manifest of hashes, counts and columns. OUT
    appears when it is complete. What is withheld is left out. docs/harvest.md describes the columns.
    """
    if target is None:
        if not settings.dumps:
            raise ConfigError(
                "There is no OUT, and the setting `dumps` names no folder.", "Give one of both."
            )
        folder = Path(settings.dumps)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    with closing(Store.open(settings.database_url)) as store, progress("Writing", "articles") as advance:
        dump = dumps.make(store, settings, target, advance)
    if as_json:
        click.echo(json.dumps({"target": str(target), **_told(dump)}))
    else:
        out().print(f"{target}: {_counts(dump)}, {number(len(dump.parts))} files ({size(dump.size)})")


@dump_group.command("verify")
@click.argument("folder", metavar="DUMP", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def verify_command(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Check a dump, here or where it was copied to: sizes, hashes, rows, and that nothing was added.

    Needs no archive. Exit code 1 when anything is wrong.
    """
    with progress("Checking", "bytes") as advance:
        found = dumps.check(folder, advance)
    if as_json:
        click.echo(json.dumps({**_told(found.dump), "faults": found.faults}, ensure_ascii=False))
    else:
        for fault in found.faults:
            out().print(f"[red]{fault}[/red]", markup=True)
        state = "all sound" if not found.faults else f"{number(len(found.faults))} faults"
        out().print(f"{_counts(found.dump)}, {number(len(found.dump.parts))} files: {state}")
    ctx.exit(1 if found.faults else 0)


@dump_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def list_command(settings: Settings, as_json: bool) -> None:
    """The dumps that readers are offered at /dumps/, and those that a takedown holds back."""
    if not settings.dumps:
        raise ConfigError("The setting `dumps` names no folder.", "Set it: its dumps are offered at /dumps/.")
    found, problems = dumps.found_in(Path(settings.dumps))
    with closing(Store.open(settings.database_url)) as store:
        active = store.takedowns(active=True)
    held = {dump.name: [item.id for item in dumps.held_back(dump, active)] for dump in found}
    if as_json:
        told = [{"name": dump.name, **_told(dump), "held_back_by": held[dump.name]} for dump in found]
        click.echo(json.dumps(told))
        return
    for dump in found:
        out().print(f"{dump.name}: {_counts(dump)} ({size(dump.size)})", markup=False)
        if held[dump.name]:
            names = ", ".join(held[dump.name])
            why = f"not offered since takedown {names}: delete it and run `archive dump make`"
            out().print(f"  [yellow]{why}[/yellow]")
    for problem in problems:
        err().print(problem, markup=False)
    if not found:
        out().print("There is no dump; `archive dump make` writes one.")


def _counts(dump: Dump) -> str:
    return ", ".join(f"{number(count)} {name}" for name, count in dump.counts.items())


def _told(dump: Dump) -> dict[str, object]:
    return {
        "created": dump.created.isoformat(timespec="seconds"),
        "counts": dict(dump.counts),
        "files": len(dump.parts),
        "bytes": dump.size,
    }
