"""`archive admin key add|list|revoke`."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from archive.cli.terminal import err, out
from archive.config import Settings
from archive.errors import ConfigError
from archive.store import Store, acts, api_keys

_BY = "terminal"


@click.group("key")
def key_group() -> None:
    """Keys with which a program may ask the archive more often than the limits allow.

    \b
      archive admin key add "Viện Sử học" --per-minute 3000
      archive admin key list
      archive admin key revoke 4f1c9a20
    """


@key_group.command("add")
@click.argument("name")
@click.option(
    "--per-minute",
    type=click.IntRange(0, 1_000_000),
    default=0,
    show_default="no limit",
    help="Requests of the key's holder in a minute; 0 for no limit.",
)
@click.pass_obj
def add_command(settings: Settings, name: str, per_minute: int) -> None:
    """Give a key to NAME: a person, an institution, a program.

    The key is shown once, on standard output, and kept as a hash only. Its holder sends it as
    `Authorization: Bearer KEY`; an address with it would end in logs.
    """
    name = " ".join(name.split())
    if not name or len(name) > api_keys.LONGEST_NAME:
        raise ConfigError(
            f"{name!r} says nothing of whom the key is for.",
            f"Give a name of 1 to {api_keys.LONGEST_NAME} characters.",
        )
    with closing(Store.open(settings.database_url)) as store, store.begin() as connection:
        key, text = api_keys.add(connection, name, per_minute, _BY)
        acts.note(connection, _BY, "key.add", key.id, name=name, per_minute=per_minute)
    # Alone on standard output, so that it can be piped to where it is kept.
    print(text, file=sys.stdout)
    err().print(f"Key {key.id} for {name}. It is shown this once and cannot be had again; see docs/api.md.")


@key_group.command("list")
@click.pass_obj
def list_command(settings: Settings) -> None:
    """All keys, without their secrets."""
    with closing(Store.open(settings.database_url)) as store, store.read() as connection:
        found = api_keys.listed(connection)
    for key in found:
        rate = f"{key.rate.requests} a minute" if key.rate.requests else "no limit"
        state = f"revoked {key.revoked_at:%d/%m/%Y}" if key.revoked_at else rate
        out().print(
            f"{key.id}  {key.name}  {state}  since {key.added_at:%d/%m/%Y} by {key.added_by}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if not found:
        err().print("There is none yet: archive admin key add NAME")


@key_group.command("revoke")
@click.argument("key_id")
@click.pass_obj
def revoke_command(settings: Settings, key_id: str) -> None:
    """Make a key worth nothing, from now on and in every worker."""
    with closing(Store.open(settings.database_url)) as store, store.begin() as connection:
        if not api_keys.revoke(connection, key_id):
            raise ConfigError(f"There is no key {key_id!r} in force.", "See `archive admin key list`.")
        acts.note(connection, _BY, "key.revoke", key_id)
    out().print(f"The key {key_id} is worth nothing any more.", highlight=False)
