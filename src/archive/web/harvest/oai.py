"""OAI-PMH 2.0 at `/oai`: a program takes all records, and later only what changed.

Source of the protocol: openarchives.org/OAI/2.0/openarchivesprotocol.htm. Every answer is made from one look
at the database, so that what is withheld is gone at the next request, with a deleted record in its place.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request, url_for

from archive.errors import StoreError
from archive.store import Connection, harvest, queries, views
from archive.store.harvest import Selected, Stamped
from archive.web import links, query
from archive.web.harvest import arguments, document, dublin_core, tokens
from archive.web.harvest.arguments import FORMAT, PREFIX, TOKEN, Asked
from archive.web.harvest.document import Node, add
from archive.web.harvest.faults import Code, FaultError
from archive.web.harvest.tokens import Token
from archive.web.resources import resources, settings

bp = Blueprint("oai", __name__)

RECORDS = 100
"""Records of one answer: some 200 kB."""
HEADERS = 500
"""Headers of one answer."""
_RETRY = 60
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+")
_SAMPLE = "abcdef234567"


@bp.route("/oai", methods=("GET", "POST"))
def answer() -> Response:
    """Whatever is asked for; what is wrong with it is told in the protocol's own words, with status 200."""
    if not settings().contact:
        # Identify must name an address of the admin, and an invented one would be a lie.
        text = "OAI-PMH is off: whoever runs this archive has to set `contact`, an e-mail address.\n"
        return Response(text, 404, content_type="text/plain; charset=utf-8")
    given = request.form if request.method == "POST" else request.args
    try:
        root = _answered(given.to_dict(flat=False))
    except StoreError as error:
        current_app.logger.error("%s: %s", type(error).__name__, error)
        response = Response("The archive cannot be read now.\n", 503, content_type="text/plain")
        response.headers["Retry-After"] = str(_RETRY)
        return response
    response = Response(document.written(root), content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _answered(given: Mapping[str, Sequence[str]]) -> Node:
    base = links.absolute(url_for("oai.answer"))
    attributes: Mapping[str, str] = {}
    try:
        asked = arguments.read(given)
        attributes = {"verb": asked.verb, **asked.arguments}
        root = document.envelope(base, attributes)
        with resources().store.read() as connection:
            _VERBS[asked.verb](connection, asked, add(root, asked.verb))
        return root
    except FaultError as fault:
        root = document.envelope(base, attributes)
        for text in fault.texts:
            add(root, "error", text).set("code", fault.code.value)
        return root


def _identify(connection: Connection, asked: Asked, node: Node) -> None:
    earliest = harvest.earliest(connection) or dt.datetime.now(dt.UTC)
    sample = " (dữ liệu mẫu, sample data)" if settings().sample else ""
    for name, text in (
        ("repositoryName", f"{settings().name}{sample}"),
        ("baseURL", links.absolute(url_for("oai.answer"))),
        ("protocolVersion", "2.0"),
        ("adminEmail", settings().contact),
        ("earliestDatestamp", document.instant(earliest)),
        ("deletedRecord", "persistent"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ):
        add(node, name, text)
    if _DOMAIN.fullmatch(_host()):
        document.identifier_scheme(node, _host(), _identifier(_SAMPLE))


def _formats(connection: Connection, asked: Asked, node: Node) -> None:
    if "identifier" in asked.arguments:
        _record(connection, asked.get("identifier"))
    only = add(node, "metadataFormat")
    add(only, PREFIX, FORMAT)
    add(only, "schema", document.OAI_DC_SCHEMA)
    add(only, "metadataNamespace", document.OAI_DC)


def _sets(connection: Connection, asked: Asked, node: Node) -> None:
    if TOKEN in asked.arguments:
        raise FaultError(Code.BAD_TOKEN, "The list of sets is always whole; ask for it without a token.")
    sites = queries.site_entries(connection)
    if not sites:
        raise FaultError(Code.NOTHING, "There is no site yet, hence no set.")
    for site in sites:
        one = add(node, "set")
        add(one, "setSpec", site.id)
        add(one, "setName", site.name)


def _get(connection: Connection, asked: Asked, node: Node) -> None:
    _check_format(asked)
    _put_records(connection, [_record(connection, asked.get("identifier"))], node)


def _headers(connection: Connection, asked: Asked, node: Node) -> None:
    def put(found: Sequence[Stamped]) -> None:
        for item in found:
            document.header(node, item, _identifier(item.id))

    _list(connection, asked, node, HEADERS, put)


def _records(connection: Connection, asked: Asked, node: Node) -> None:
    _list(connection, asked, node, RECORDS, lambda found: _put_records(connection, found, node))


_VERBS: Mapping[str, Callable[[Connection, Asked, Node], None]] = {
    "GetRecord": _get,
    "Identify": _identify,
    "ListIdentifiers": _headers,
    "ListMetadataFormats": _formats,
    "ListRecords": _records,
    "ListSets": _sets,
}


def _list(
    connection: Connection,
    asked: Asked,
    node: Node,
    limit: int,
    put: Callable[[Sequence[Stamped]], None],
) -> None:
    """A part of a list, with the token of the next part; the last part of several ends with an empty one."""
    begun = _begun(connection, asked)
    is_first = begun.after is None
    # One more than is handed out tells whether there are any behind.
    found = harvest.page(connection, begun.selected, limit + 1, begun.after)
    shown, is_last = found[:limit], len(found) <= limit
    if not shown and is_first:
        raise FaultError(Code.NOTHING, _why_nothing(connection, begun.selected))
    put(shown)
    if is_first and is_last:
        return
    done = begun.handed_out + len(shown)
    # What changed meanwhile stands at the end too, so that there may be more than were counted.
    size = done if is_last else max(begun.size, done + 1)
    token = add(node, TOKEN)
    token.set("completeListSize", str(size))
    token.set("cursor", str(begun.handed_out))
    if not is_last:
        going_on = dataclasses.replace(begun, handed_out=done, size=size)
        token.text = tokens.write(going_on, (shown[-1].at, shown[-1].id))


def _begun(connection: Connection, asked: Asked) -> Token:
    if TOKEN in asked.arguments:
        token = tokens.read(asked.get(TOKEN), asked.verb)
        if token is None:
            raise FaultError(
                Code.BAD_TOKEN,
                f"This is no token of {asked.verb}; begin the list anew, from the last datestamp.",
            )
        return token
    _check_format(asked)
    selected = arguments.selected(asked)
    return Token(asked.verb, selected, None, 0, harvest.count(connection, selected))


def _why_nothing(connection: Connection, selected: Selected) -> str:
    known = {site.id for site in queries.site_entries(connection)}
    if selected.site is not None and selected.site not in known:
        return "There is no such set; ListSets lists them."
    return (
        "Nothing that fits changed in that time." if selected.begin or selected.end else "There is nothing."
    )


def _check_format(asked: Asked) -> None:
    if asked.get(PREFIX) != FORMAT:
        raise FaultError(Code.FORMAT, f"Records are to be had as {FORMAT} only.")


def _record(connection: Connection, identifier: str) -> Stamped:
    article = identifier.removeprefix(_identifier(""))
    fits = article != identifier and query.is_article(article)
    found = harvest.record(connection, article) if fits else None
    if found is None:
        raise FaultError(Code.UNKNOWN, f"There is no such record; identifiers begin with {_identifier('')}.")
    return found


def _put_records(connection: Connection, found: Sequence[Stamped], node: Node) -> None:
    """Three queries for any number of records."""
    ids = [item.id for item in found if not item.deleted]
    seen = {view.article.id: view for view in views.newest_versions(connection, ids)}
    for item in found:
        record = add(node, "record")
        view = seen.get(item.id)
        if view is None:
            item = dataclasses.replace(item, deleted=True)
        document.header(record, item, _identifier(item.id))
        if view is not None:
            document.metadata(record, dublin_core.elements(view, settings().rights))


def _identifier(article: str) -> str:
    return f"oai:{_host()}:{article}"


def _host() -> str:
    return urlsplit(settings().public_base).hostname or "localhost"
