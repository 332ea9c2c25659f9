"""`archive admin add|list|remove|key`."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from archive.cli.keys import key_group
from archive.cli.terminal import err, out
from archive.config import Settings
from archive.errors import ConfigError
from archive.store import Store, acts, admins


@click.group("admin")
def admin_group() -> None:
    """Accounts of the pages under /admin, and keys of the API.

    \b
      archive admin add lan                  asks for a password, twice
      pass show archive | archive admin add lan
      archive admin remove lan
      archive admin key add "Viện Sử học"    lets a program ask more often
    """


admin_group.add_command(key_group)


@admin_group.command("add")
@click.argument("name")
@click.pass_obj
def add_command(settings: Settings, name: str) -> None:
    """Add an account, or set its password anew, which ends its sessions.

    The password is asked for, or read from standard input when that is no terminal; never given as an
    argument, where other users of the machine could read it. The first account also makes the key that
    signs cookies, var/secret/session.key, readable by this user only.
    """
    from archive.web.admin import keys

    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise ConfigError(f"{name!r} is no name for an account.", "Give one of 1 to 80 characters.")
    encoded = keys.hashed(_password())
    with closing(Store.open(settings.database_url)) as store:
        keys.ensure_key(settings.var)
        with store.begin() as connection:
            is_new = admins.get(connection, name) is None
            admins.put(connection, name, encoded)
            admins.succeeded(connection, f"name:{name.lower()}")
            acts.note(connection, name, "account.add" if is_new else "account.password")
    out().print(
        f"{name} can log in at {settings.public_base}/admin."
        if is_new
        else f"{name} has another password; the sessions with the old one are over."
    )


@admin_group.command("list")
@click.pass_obj
def list_command(settings: Settings) -> None:
    """All accounts."""
    with closing(Store.open(settings.database_url)) as store, store.read() as connection:
        found = admins.listed(connection)
    for admin in found:
        out().print(f"{admin.name}  since {admin.added_at:%d/%m/%Y}")
    if not found:
        err().print("There is none yet: archive admin add NAME")


@admin_group.command("remove")
@click.argument("name")
@click.pass_obj
def remove_command(settings: Settings, name: str) -> None:
    """Remove an account; its sessions are over at once."""
    with closing(Store.open(settings.database_url)) as store, store.begin() as connection:
        if not admins.remove(connection, name):
            raise ConfigError(f"There is no account {name!r}.", "See `archive admin list`.")
        acts.note(connection, name, "account.remove")
    out().print(f"{name} can no longer log in.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
