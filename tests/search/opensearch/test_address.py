"""The setting that names the engine."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from archive.config import Settings
from archive.errors import ConfigError
from archive.search import open_backend
from archive.search.opensearch import OpenSearchBackend, parse
from archive.search.whoosh import WhooshBackend


def test_an_address_in_full() -> None:
    text = "opensearch+https://archive:p%40ss%2Fw@one:9201,[::1]:9202,three/tin?shards=4&replicas=2&ca=/etc/ca.pem"
    address = parse(text)
    assert address.hosts == (("one", 9201), ("::1", 9202), ("three", 9200))
    assert address.secure
    assert (address.prefix, address.user, address.password) == ("tin", "archive", "p@ss/w")
    assert (address.shards, address.replicas, address.ca) == (4, 2, Path("/etc/ca.pem"))
    assert "p@ss" not in str(address)


def test_what_is_not_said() -> None:
    address = parse("opensearch+http://localhost/archive")
    assert address.hosts == (("localhost", 9200),)
    assert (address.secure, address.user, address.shards, address.replicas) == (False, "", 1, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("elastic://localhost/archive", "opensearch+https://"),
        ("opensearch+http://localhost", "must be a-z"),
        ("opensearch+http://localhost/Upper", "must be a-z"),
        ("opensearch+http://localhost/a*", "must be a-z"),
        ("opensearch+http://a:secret@/archive", "no host"),
        ("opensearch+http://a:sec@ret@host:port/archive", "no host"),
        ("opensearch+http://host:99999/archive", "no host"),
        ("opensearch+http://host/archive?shards=0", "from 1 to"),
        ("opensearch+http://host/archive?replicas=many", "from 0 to"),
        ("opensearch+http://host/archive?shard=2", "known are"),
    ],
)
def test_another_form_is_refused_and_the_password_never_shown(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=r"search_engine") as caught:
        parse(text)
    assert told in str(caught.value)
    assert "sec" not in str(caught.value)


def test_the_setting_chooses_the_engine(settings: Settings) -> None:
    assert isinstance(open_backend(settings), WhooshBackend)
    named = replace(settings, search_engine="opensearch+http://localhost/archive")
    backend = open_backend(named)
    assert isinstance(backend, OpenSearchBackend)
    backend.close()
    with pytest.raises(ConfigError, match='Write "whoosh"'):
        open_backend(replace(settings, search_engine="solr"))


def test_a_missing_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("archive.search.opensearch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(ConfigError, match=r"pip install .*\[opensearch\]"):
        open_backend(replace(settings, search_engine="opensearch+http://localhost/archive"))
