"""Keys that an admin gave: sent as `Authorization: Bearer`, never in an address, which would end in logs."""

from __future__ import annotations

from flask import request

from archive.store import api_keys
from archive.store.api_keys import ApiKey
from archive.web.resources import resources

_SCHEME = "bearer "


def sent() -> str | None:
    """The key that came with the request; None when there is none."""
    given = request.headers.get("Authorization", "")
    if given[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return given[len(_SCHEME) :].strip()


def find(text: str) -> ApiKey | None:
    """The key of this text; None when it is none, or was revoked.

    Asked of the database each time, so that a key that is revoked is worth nothing at the next request,
    in whichever worker.

    :raises StoreError: the database cannot be read.
    """
    if (identity := api_keys.id_of(text)) is None:
        return None
    with resources().store.read() as connection:
        found = api_keys.get(connection, identity)
    return found if found is not None and found.opens(text) else None
