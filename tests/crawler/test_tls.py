"""Certificates are checked, and a refusal says how a sound but incomplete chain is allowed."""

from __future__ import annotations

import io
import ssl
import warnings
from pathlib import Path

import pytest
from rich.console import Console

from archive.config import Settings
from archive.errors import ConfigError, FetchError
from archive.model import Reason
from crawler.fetch import Fetcher, Request
from crawler.results import results_table
from tests.crawler.conftest import MakeFetcher
from tests.crawler.crawling import run, site_at
from tests.crawler.servers import serving

TLS = Path(__file__).parent / "tls"


def context(name: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(TLS / name)
    return made


def fetched(
    fetcher: MakeFetcher, certificate: str, ca_file: Path | None, made: ssl.SSLContext | None = None
) -> bytes | None:
    with serving(lambda c: c.answer(b"page"), context=made or context(certificate)) as server:
        url = server.url(host="portal.example")
        ours = fetcher(
            url, resolver=lambda host, port: ["127.0.0.1"], ca_file=str(ca_file) if ca_file else None
        )
        return ours.fetch(Request(url)).body


def test_a_chain_to_a_known_root_is_accepted_under_the_name_that_was_asked_for(fetcher: MakeFetcher) -> None:
    names = []
    made = context("leaf-chain.pem")
    made.sni_callback = lambda sock, name, ctx: names.append(name)
    assert fetched(fetcher, "", TLS / "root.pem", made) == b"page"
    assert names == ["portal.example"]


def test_an_incomplete_chain_is_mended_by_a_ca_file(fetcher: MakeFetcher, tmp_path: Path) -> None:
    with pytest.raises(FetchError):
        fetched(fetcher, "leaf-only.pem", TLS / "root.pem")
    both = tmp_path / "both.pem"
    both.write_text((TLS / "root.pem").read_text() + (TLS / "middle.pem").read_text())
    assert fetched(fetcher, "leaf-only.pem", both) == b"page"


@pytest.mark.parametrize(
    ("certificate", "ca_file", "said"),
    [
        ("leaf-chain.pem", None, "self-signed|unable to get local issuer"),
        ("expired-chain.pem", TLS / "root.pem", "expired"),
        ("other-chain.pem", TLS / "root.pem", "[Hh]ostname mismatch"),
        ("leaf-only.pem", TLS / "root.pem", "unable to get local issuer"),
    ],
)
def test_the_refusal_names_the_reason_and_the_setting(
    fetcher: MakeFetcher, certificate: str, ca_file: Path | None, said: str
) -> None:
    with pytest.raises(FetchError, match=said) as caught:
        fetched(fetcher, certificate, ca_file)
    assert caught.value.reason == Reason.TLS
    assert "ca_file" in str(caught.value)


def old_server(*, weak_key: bool = False) -> ssl.SSLContext:
    """A portal of 2008: TLS 1.0 and nothing newer."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(TLS / ("weak.pem" if weak_key else "leaf-chain.pem"))
    if not weak_key:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.maximum_version = ssl.TLSVersion.TLSv1
            made.minimum_version = ssl.TLSVersion.TLSv1
    return made


@pytest.mark.parametrize("weak_key", [False, True], ids=["TLS 1.0", "a key of 1024 bits"])
def test_old_tls_is_refused_with_the_setting_that_allows_it_and_then_spoken(
    fetcher: MakeFetcher, weak_key: bool
) -> None:
    with serving(lambda c: c.answer(b"page"), context=old_server(weak_key=weak_key)) as server:
        url = server.url(host="portal.example")
        trusted = str(TLS / ("weak.pem" if weak_key else "root.pem"))

        def ours(tls: str) -> Fetcher:
            return fetcher(url, resolver=lambda *_: ["127.0.0.1"], ca_file=trusted, tls=tls)

        with pytest.raises(FetchError, match='tls = "legacy"') as caught:
            ours("").fetch(Request(url))
        assert caught.value.reason == Reason.TLS
        allowed = ours("legacy")
        assert allowed.fetch(Request(url)).body == b"page"
        assert allowed.weak_tls == ("" if weak_key else "TLSv1")


def test_a_portal_with_old_tls_is_checked_for_its_certificate_all_the_same(fetcher: MakeFetcher) -> None:
    with serving(lambda c: c.answer(b"page"), context=old_server()) as server:
        url = server.url(host="portal.example")
        ours = fetcher(url, resolver=lambda *_: ["127.0.0.1"], tls="legacy")
        with pytest.raises(FetchError, match="certificate"):
            ours.fetch(Request(url))


def test_what_was_spoken_is_said_in_the_results(settings: Settings) -> None:
    with serving(lambda c: c.answer(b"page"), context=old_server()) as server:
        url = server.url(host="portal.example")
        site = site_at(url, ca_file=str(TLS / "root.pem"), tls="legacy")
        ran = run(settings, [site], limit=1, resolver=lambda *_: ["127.0.0.1"])
    assert ran.result.to_dict()["weak_tls"] == "TLSv1"
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(results_table(ran.results))
    assert "spoke TLSv1 only" in console.export_text()


def test_plain_http_on_the_port_of_https(fetcher: MakeFetcher) -> None:
    with serving(lambda c: c.answer(b"page")) as server:
        url = server.url().replace("http:", "https:")
        with pytest.raises(FetchError) as caught:
            fetcher(url).fetch(Request(url))
    assert caught.value.reason in (Reason.TLS, Reason.CONNECT, Reason.TIMEOUT)


def test_a_ca_file_that_holds_no_certificate_is_an_error_of_the_sites_file(
    fetcher: MakeFetcher, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    with pytest.raises(ConfigError, match="PEM"):
        fetcher("https://portal.example/", ca_file=str(path))
