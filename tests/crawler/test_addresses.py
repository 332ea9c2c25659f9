"""No address inside is ever connected to, in whatever notation, unless the operator allows it."""

from __future__ import annotations

import pytest

from crawler.fetch.addresses import refusal, system_resolver

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "192.0.2.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",  # Teredo of 169.254.169.254
    "not an address",
]
PUBLIC = ["1.1.1.1", "113.160.0.1", "2001:4860:4860::8888", "2402:800::1", "64:ff9b::101:101", "100.128.0.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_the_operators_word(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert not refusal(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_a_portal(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_free(address: str) -> None:
    assert not refusal(address, allow_private=False)


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_odd_notations_are_judged_by_what_they_resolve_to(name: str) -> None:
    found = system_resolver(name, 80)
    assert found
    assert all(refusal(address, allow_private=False) for address in found)
