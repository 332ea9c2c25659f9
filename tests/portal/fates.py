"""What becomes of a whole portal: it moves to new addresses or to another host, or its domain is bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIEnvironment

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NEW_FOLDER = "/tin-moi"
PARKED = """<!DOCTYPE html><html lang="en"><head><title>Best odds tonight</title></head><body>
<h1>Play now</h1><p>Welcome to the number one place for slots, roulette and football odds. Register today
and get a bonus of one hundred coins on your first deposit; our agents answer day and night, in any
language you like.</p><ul><li><a href="/casino">Casino</a></li><li><a href="/slots">Slots</a></li>
<li><a href="/sports">Sports</a></li></ul></body></html>"""


@dataclass
class Fates:
    """Sites by id; change it while the portal runs."""

    dark: set[str] = field(default_factory=set)
    """Do not answer."""
    renamed: set[str] = field(default_factory=set)
    """Every address leads to one below `NEW_FOLDER`, where the same page stands."""
    moved: dict[str, str] = field(default_factory=dict)
    """Every address leads to the same path at another base address."""
    taken_over: set[str] = field(default_factory=set)
    """Every address shows what the domain's buyer put there."""

    def guise(self, site: str, app: WSGIApplication) -> WSGIApplication:
        """The site's application, as its fate has it at each request."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "/")
            query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
            if site in self.taken_over:
                start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
                return [PARKED.encode()]
            if site in self.moved and path != "/robots.txt":
                return _redirect(f"{self.moved[site]}{path}{query}", start_response)
            if site in self.renamed and path != "/" and path != "/robots.txt":
                if not path.startswith(f"{NEW_FOLDER}/"):
                    return _redirect(f"{NEW_FOLDER}{path}{query}", start_response)
                environ["PATH_INFO"] = path.removeprefix(NEW_FOLDER)
            return app(environ, start_response)

        return answer


def _redirect(target: str, start_response: StartResponse) -> Iterable[bytes]:
    start_response("301 Moved Permanently", [("Location", target), ("Content-Length", "0")])
    return [b""]
