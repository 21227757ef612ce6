from __future__ import annotations

import pytest

from service.net.addresses import is_public, neighbourhood_of

SPECIAL = """
0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255
192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1
255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::1
100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
"""
PUBLIC = """
8.8.8.8 1.1.1.1 93.184.216.34 172.32.0.1 100.128.0.1
2606:2800:220:1::1 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808
"""


@pytest.mark.parametrize("address", SPECIAL.split())
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["", "localhost", "0x7f000001", "1.2.3", "/tmp/socket"])
def test_what_is_no_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("127.0.0.1", "127.8.8.8", True),
        ("127.0.0.1", "::1", True),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("10.0.0.1", "10.200.0.1", True),
        ("10.0.0.1", "::ffff:10.0.0.2", True),
        ("fd00::1", "fd12::1", True),
        ("10.0.0.1", "192.168.0.1", False),
        ("127.0.0.1", "169.254.169.254", False),
        ("127.0.0.1", "10.0.0.1", False),
        ("fd00::1", "fe80::1%eth0", False),
        ("127.0.0.1", "8.8.8.8", False),
    ],
)
def test_private_networks_are_told_apart(one: str, other: str, same: bool) -> None:
    assert (neighbourhood_of(one) == neighbourhood_of(other)) is same


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:2800:220:1::1", "", "localhost", "64:ff9b::7f00:1"])
def test_what_is_public_or_no_address_is_in_no_private_network(address: str) -> None:
    assert neighbourhood_of(address) == ""
