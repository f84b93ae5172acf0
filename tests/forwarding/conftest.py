"""Receivers, mail servers and name service for the deliveries under test."""

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from tests.forwarding.mailbox import Mailbox, receiving
from tests.forwarding.receiver import NAME, Receiver, make_certificates, serving


@pytest.fixture(scope="session")
def certificates(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of the receiver, TLS of its client."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificates: tuple[ssl.SSLContext, ssl.SSLContext]) -> ssl.SSLContext:
    """Trusts the receiver's authority and no other."""
    return certificates[1]


class Names:
    """A name service that answers what a test says; it counts how often each is asked."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {NAME: ["127.0.0.1"]}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo

    def getaddrinfo(self, host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if host not in self.known:
            return self._real(host, port, *args, **kwargs)
        self.asked.append(host)
        found = self.known[host]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "unknown name")
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    service = Names()
    monkeypatch.setattr(socket, "getaddrinfo", service.getaddrinfo)
    return service


@pytest.fixture
def receiver(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext], names: Names
) -> Iterator[Receiver]:
    """The HTTPS server of an institution, by its name."""
    with serving(certificates[0]) as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on loopback that keeps what it accepts."""
    with receiving() as box:
        yield box
