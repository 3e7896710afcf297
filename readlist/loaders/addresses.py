"""IP addresses: which of them are not on the public internet. `fetch` checks each one before it connects."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_private(address: str) -> bool:
    """Return whether an IP address is not that of a host on the public internet, or embeds one that is not.

    >>> [is_private(ip) for ip in ("127.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "93.184.216.34")]
    [True, True, True, True, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_private(str(ip.ipv4_mapped))
        embedded = [ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            embedded.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.is_site_local or any(is_private(str(inner)) for inner in embedded if inner):
            return True
    is_assigned = ip in _NAT64 or not ip.is_reserved
    return not (ip.is_global and is_assigned) or ip.is_multicast
