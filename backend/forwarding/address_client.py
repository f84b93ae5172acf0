"""Connects to the open internet only, within a total time; `webhook_client` sends through it.

A name is resolved once, every address is checked, and the connection goes to a checked
address: a name that changes its mind between check and connection gains nothing.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore

MAX_URL = 500


class AddressRefused(Exception):
    """We do not send to that address; the message says why, in Spanish."""


def check_url(url: str, *, allow_private: bool) -> SplitResult:
    """The parts of an acceptable address; raises `AddressRefused`. Resolves no names."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused("La dirección es muy larga o tiene caracteres no permitidos.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("La dirección no se entiende.") from None
    if parts.scheme not in (("https", "http") if allow_private else ("https",)):
        raise AddressRefused("La dirección debe comenzar con https://")
    if not host or port == 0:
        raise AddressRefused("A la dirección le falta el servidor.")
    if "@" in parts.netloc or parts.fragment:
        raise AddressRefused("La dirección no puede llevar usuario, contraseña ni #.")
    with suppress(ValueError):
        _check_address(ipaddress.ip_address(host), allow_private)
    return parts


def checked_addresses(parts: SplitResult, allow_private: bool, seconds: float) -> list[str]:
    """The addresses of the host, all of them allowed; one bad address refuses the whole name."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    # The resolver keeps its own time, so it waits in a thread that we need not wait for.
    executor = ThreadPoolExecutor(1)
    try:
        answer = executor.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = [str(entry[4][0]) for entry in answer.result(seconds)]
    finally:
        executor.shutdown(wait=False)
    for address in found:
        _check_address(ipaddress.ip_address(address), allow_private)
    return list(dict.fromkeys(found))


def _check_address(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, allow_private: bool
) -> None:
    if not allow_private and not is_public(address):
        raise AddressRefused("La dirección lleva a una red privada, y no se permite.")


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address belongs to the open internet and hides no other inside."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the given addresses whatever the host's name says, until the deadline.

    TLS still sees the name, so the certificate must be the receiver's.
    """

    def __init__(self, addresses: Sequence[str], deadline: float) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(address, port, left, None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream, self._deadline)
        raise failure


class _BoundedStream(httpcore.NetworkStream):
    """A stream on which all waiting together ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, wanted: float | None, too_late: type[Exception]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise too_late("the total time is over")
    return left if wanted is None else min(left, wanted)
