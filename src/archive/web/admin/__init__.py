"""The admin's pages: what runs, what fails, what is withheld; what to do about it, as jobs."""

# Each module puts its routes on the blueprint.
from archive.web.admin import account, api_keys, log, overview, removals, sites, takedowns, tryout, work
from archive.web.admin.access import init
from archive.web.admin.blueprint import bp

__all__ = [
    "account",
    "api_keys",
    "bp",
    "init",
    "log",
    "overview",
    "removals",
    "sites",
    "takedowns",
    "tryout",
    "work",
]
