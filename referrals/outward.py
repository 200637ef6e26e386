"""Connections to a server outside: its name is looked up once, and only an address that was checked is connected to.

A name that answers with a public address first and with one of ours a moment later (DNS rebinding) gets nowhere, and
neither does an address that only looks public: one of ours inside an IPv6 form. All of it has one deadline, by which a
server that sends a byte a second is left, too. Proxies of the environment are not asked.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import threading
import time
from typing import Any, TypeAlias

from .listing import SourceError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

QUIET = 20.0  # seconds without a byte
_INSIDE = "This address is on a private network. Use a public address."
_V6 = ipaddress.IPv6Network
# Forms of IPv6 that carry an IPv4 address, with the bits that it begins before the end (RFC 4291, 6052, 3056, 5214).
_CARRIES = (
    (_V6("::ffff:0:0/96"), 0),  # mapped
    (_V6("::/96"), 0),  # compatible
    (_V6("::ffff:0:0:0/96"), 0),  # translated
    (_V6("64:ff9b::/96"), 0),  # NAT64
    (_V6("2002::/16"), 80),  # 6to4
)
# Special by IANA's registries, whatever Python's own list says of them; the last are for one network's own use.
_SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48",
        "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_GLOBAL_V6 = _V6("2000::/3")  # all that has been given out for use across the Internet


def is_outside(address: Address) -> bool:
    """Whether an address belongs to somebody on the Internet, in every form that it can take."""
    if isinstance(address, ipaddress.IPv6Address):
        for network, bits in _CARRIES:
            if address in network:
                return network == _CARRIES[0][0] and is_outside(
                    ipaddress.IPv4Address(int(address) >> bits & 0xFFFFFFFF)
                )
        if address not in _GLOBAL_V6 or address.teredo is not None or _is_isatap(address):
            return False
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    return int(address) >> 32 & 0xFCFFFFFF == 0x5EFE  # ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d


class Deadline:
    """When all of it has to be over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = time.monotonic() + seconds

    def left(self) -> float:
        """How long the next step may take. Raises SourceError if there is no time left."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise SourceError(f"The source took longer than {self.seconds:.0f} seconds. Nothing changed.")
        return min(left, QUIET)


def _look_up(host: str, port: int, deadline: Deadline) -> list[Any]:
    """`getaddrinfo`, which knows no time limit: a name server that keeps still is left by the deadline like any other.

    The thread that waits for it ends when the resolver gives up; nobody waits for the thread.
    """
    found: list[Any] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP))
        except Exception as error:  # told to whoever waits
            failed.append(error)

    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(deadline.left())
    if failed:
        raise failed[0]
    if asking.is_alive():
        deadline.left()
        raise TimeoutError("the name was not found in time")
    return found


def addresses_of(host: str, port: int, *, deadline: Deadline, allow_inside: bool = False) -> list[str]:
    """Where a server is, looked up once. Raises SourceError if it is nowhere, or if one of its addresses is inside."""
    try:
        found = _look_up(host, port, deadline)
    except (OSError, UnicodeError) as error:
        raise SourceError(f"No server found at {host}.") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not allow_inside and not all(is_outside(ipaddress.ip_address(each.partition("%")[0])) for each in addresses):
        raise SourceError(_INSIDE)
    return addresses


class Connection(http.client.HTTPConnection):
    """HTTP or HTTPS to one of the addresses that were checked; the server still hears its own name."""

    def __init__(self, scheme: str, host: str, port: int, addresses: list[str], deadline: Deadline) -> None:
        super().__init__(host, port)
        self.default_port = 443 if scheme == "https" else 80  # which port the Host header need not name
        self.scheme, self.addresses, self.deadline = scheme, addresses, deadline

    def connect(self) -> None:
        """Connect to the first address that answers."""
        failed: OSError | None = None
        for address in self.addresses:
            try:
                plain = socket.create_connection((address, self.port), timeout=self.deadline.left())
            except OSError as error:
                failed = error
                continue
            self.sock = self._secured(plain)
            return
        raise failed or OSError("no address")

    def _secured(self, plain: socket.socket) -> Any:
        plain.settimeout(self.deadline.left())
        if self.scheme != "https":
            return _Timed(plain, self.deadline)
        try:
            return _Timed(ssl.create_default_context().wrap_socket(plain, server_hostname=self.host), self.deadline)
        except BaseException:
            plain.close()
            raise


class _Timed:
    """A socket on which each step takes no longer than the deadline leaves, as http.client uses one."""

    def __init__(self, inner: socket.socket, deadline: Deadline) -> None:
        self.inner, self.deadline = inner, deadline
        self.is_read = False

    def sendall(self, data: Any) -> None:
        self.inner.settimeout(self.deadline.left())
        self.inner.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002  # http.client only reads
        self.is_read = True
        return io.BufferedReader(_Steps(self.inner, self.deadline))

    def close(self) -> None:
        """As a socket: who still reads closes it."""
        if not self.is_read:
            self.inner.close()


class _Steps(io.RawIOBase):
    """Reads of a socket, each within what is left."""

    def __init__(self, inner: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self.inner, self.deadline = inner, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.inner.settimeout(self.deadline.left())
        return self.inner.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            self.inner.close()
        super().close()
