"""By which addresses others reach this machine."""

from __future__ import annotations

import ipaddress

import pytest

from aelib.host.network import is_this_machine, network_addresses


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "lab.localhost"])
def test_names_that_only_this_machine_knows(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["192.168.1.5", "example.org", "localhost.example.org", "", "fe80::1"])
def test_names_that_others_may_use(host: str) -> None:
    assert not is_this_machine(host)


def test_addresses_offered_are_no_loopbacks() -> None:
    assert not any(ipaddress.ip_address(address).is_loopback for address in network_addresses())
