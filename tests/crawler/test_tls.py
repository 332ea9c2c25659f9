"""Certificates are checked, and a refusal says how a sound but incomplete chain is allowed."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from archive.errors import ConfigError, FetchError
from archive.model import Reason
from crawler.fetch import Request
from tests.crawler.conftest import MakeFetcher
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
