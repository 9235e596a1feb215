"""Which addresses a verification may ask: the open internet, and closed networks where it says so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# Where clouds hand out a machine's own secrets; nothing that is deployed answers there.
METADATA: frozenset[Address] = frozenset(
    ip_address(each) for each in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
NAT64 = IPv6Network("64:ff9b::/96")


def is_allowed(address: Address, *, private: bool) -> bool:
    """Of what stands for another address, that other one counts."""
    address = _meant(address)
    never = address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA
    if never or (address.is_reserved and not address.is_loopback):
        return False
    return private or address.is_global


def literal(host: str) -> Address | None:
    """The address that is written out, where it is no name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _meant(address: Address) -> Address:
    """The IPv4 address that some IPv6 addresses only wrap."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address
