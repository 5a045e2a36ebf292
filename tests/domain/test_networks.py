"""Where a webhook may go: to public addresses alone, however another one is written, unless an operator allows it."""

import pytest

from domain.networks import may_be_reached, read_address, read_networks

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",  # IPv4-mapped
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "64:ff9b::808:808",  # NAT64
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "2002:7f00:1::", "2002:c0a8:1::1",  # 6to4
    "2001:db8::1", "3fff::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:4860:4860::8888", "2003::1", "::ffff:8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_public_is_out_of_reach(text: str) -> None:
    assert not may_be_reached(read_address(text), ())


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_may_be_reached(text: str) -> None:
    assert may_be_reached(read_address(text), ())


def test_an_operator_allows_networks_and_single_addresses() -> None:
    allowed = read_networks(" 127.0.0.0/8, fd12::/16 ,10.1.2.3,")
    for text in ("127.0.0.1", "127.9.9.9", "fd12::7", "10.1.2.3", "::ffff:127.0.0.1", "8.8.8.8"):
        assert may_be_reached(read_address(text), allowed), text
    for text in ("10.1.2.4", "192.168.0.1", "fd13::7", "::1", "::ffff:10.1.2.4"):
        assert not may_be_reached(read_address(text), allowed), text
    assert read_networks("") == ()


def test_this_machine_is_out_of_reach_at_a_public_address_too() -> None:
    """What listens there may be guarded by a firewall in front of the machine, which does not see this."""
    address = read_address("8.8.8.8")
    assert not may_be_reached(address, (), own=True)
    assert may_be_reached(address, read_networks("8.8.8.8"), own=True)


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0", "*", "10.0.0.0 8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_networks(text)
