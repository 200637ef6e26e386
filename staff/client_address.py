"""The address that a request comes from. One owner: sign-in limits, sessions and webhooks all ask here.

Behind a proxy, every request seems to come from the proxy. Each proxy adds the address it was called from at the right
of `X-Forwarded-For`, so with `settings.PROXY_COUNT` proxies the client's own is that many from the right. What stands
further left was sent by the client, who may write anything there.
"""

from __future__ import annotations

import ipaddress

from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.http import HttpRequest

NOWHERE = "192.0.2.0"  # of the block for examples: no address, as for a request through a Unix socket
NETWORK_OF_ONE = 64  # bits of an IPv6 address: whoever has one such network has all of its addresses


def of(request: HttpRequest) -> str:
    """The client's address, as the outermost of our proxies saw it.

    If the header has fewer entries than there are proxies, someone came around the outer ones: the leftmost is then
    what the first proxy they met wrote.
    """
    passed_on = [each for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    trusted = passed_on[-settings.PROXY_COUNT :] if settings.PROXY_COUNT else []
    found = clean_client_ip(trusted[0]) if trusted else None
    found = found or clean_client_ip(str(request.META.get("REMOTE_ADDR", ""))) or NOWHERE
    mapped = getattr(ipaddress.ip_address(found), "ipv4_mapped", None)
    return str(mapped) if mapped else found


def counted(request: HttpRequest) -> str:
    """The address under which failed sign-ins are counted: for IPv6 the network, of which one person has all."""
    found = ipaddress.ip_address(of(request))
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, NETWORK_OF_ONE), strict=False).network_address)
