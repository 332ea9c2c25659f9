"""How the portal as a whole stands, read from what its front page answers."""

from __future__ import annotations

from archive.errors import ContentError, DamagedRecordError
from archive.extract.portal import FrontPage, taken_over
from archive.ingest.captures import canonical_or_none
from archive.ingest.page import decoded, page_of
from archive.ingest.reading import PageReader
from archive.model import Capture, Exchange, Site
from archive.store import Connection, ledger, standing
from archive.store.standing import SiteState, Standing
from archive.urls import Scope

_PERMANENT = (301, 308)
_HOPS = 3
"""Redirects from a seed to the front page itself."""


def judge(
    connection: Connection, exchange: Exchange, capture: Capture, site: Site, pages: PageReader
) -> bool:
    """Note what one capture shows of its portal.

    :param capture: not yet among the rows.
    :returns: whether what stands there now is another's, so that nothing on it is the portal's news.
    """
    known = standing.current(connection, site.id)
    if known is not None and capture.at < known.since:
        return False  # an import of what was before
    foreign = known is not None and known.state is SiteState.TAKEN_OVER
    if capture.method != "GET":
        return foreign
    fronts = _fronts(connection, site)
    if capture.url not in fronts:
        if known is not None and known.state is SiteState.DARK and page_of(exchange) is not None:
            standing.note(connection, Standing(site.id, SiteState.LIVE, capture.at))
        return foreign
    found = _seen(connection, exchange, capture, site, fronts, pages, known)
    if found is None:
        return foreign
    standing.note(connection, found)
    return found.state is SiteState.TAKEN_OVER


def _fronts(connection: Connection, site: Site) -> set[str]:
    """The seeds, and where they lead to within the site."""
    fronts = {start for item in site.start if (start := canonical_or_none(item))}
    edge = set(fronts)
    for _ in range(_HOPS):
        judged = (ledger.last_judged(connection, site.id, url) for url in edge)
        edge = {item.capture.redirect_to for item in judged if item and item.capture.redirect_to} - fronts
        fronts |= edge
    return fronts


def _seen(
    connection: Connection,
    exchange: Exchange,
    capture: Capture,
    site: Site,
    fronts: set[str],
    pages: PageReader,
    known: Standing | None,
) -> Standing | None:
    """How the portal stands by this answer; None when it does not tell."""
    target = capture.redirect_to
    if target is not None:
        if capture.status in _PERMANENT and not Scope.of(site).contains(target):
            return Standing(site.id, SiteState.MOVED, capture.at, target)
        return None
    if capture.status not in (200, 304):
        return None
    reference = standing.front_page(connection, site.id, fronts, before=known.since if known else None)
    if reference is None or reference.payload_digest == capture.payload_digest:
        return Standing(site.id, SiteState.LIVE, capture.at)
    try:
        then, now = pages.payload(connection, reference), _body(connection, exchange, capture, pages)
    except (DamagedRecordError, ContentError):
        return None  # `archive verify` names it
    if now is None:
        return None
    why = taken_over(
        FrontPage.of(then, reference.mime, reference.url),
        FrontPage.of(now, capture.mime, capture.url),
        site.name,
    )
    state = SiteState.TAKEN_OVER if why else SiteState.LIVE
    return Standing(site.id, state, capture.at, why)


def _body(connection: Connection, exchange: Exchange, capture: Capture, pages: PageReader) -> bytes | None:
    """The page's bytes, from the record that holds them where this answer only repeats them."""
    if capture.revisit_of is None:
        return decoded(exchange) if page_of(exchange) is not None else None
    holder = ledger.judged(connection, capture.revisit_of)
    return pages.payload(connection, holder.capture) if holder is not None else None
