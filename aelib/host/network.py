"""By which addresses other machines reach this one."""

from __future__ import annotations

import ipaddress
import socket

import psutil


def is_this_machine(host: str) -> bool:
    """Does only this machine itself reach a server by this name?"""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def network_addresses() -> list[str]:
    """This machine's IPv4 addresses in networks that are up; those of private networks, such as a room's, first."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = {
        ipaddress.IPv4Address(address.address)
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for address in addresses
        if address.family == socket.AF_INET
    }
    usable = [address for address in found if not (address.is_loopback or address.is_link_local)]
    return [str(address) for address in sorted(usable, key=lambda address: (not address.is_private, address))]
