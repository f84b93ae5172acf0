"""An institution's HTTPS server on loopback that answers as badly as a test asks."""

import datetime as dt
import ipaddress
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Behaviour = Callable[[socket.socket], None]
NAME = "receptor.example"


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    target: str
    headers: dict[str, str]
    body: bytes


class Receiver(socketserver.ThreadingTCPServer):
    """Remembers every request and then does what `behaviour` says."""

    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.behaviour: Behaviour = answer(204)
        self.port: int = self.server_address[1]

    def url(self, host: str = NAME, path: str = "/alertas?canal=1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"


class _Handler(socketserver.BaseRequestHandler):
    server: Receiver

    def handle(self) -> None:
        self.server.connections += 1
        self.request.settimeout(5)
        with suppress(OSError):
            if self.server.tls is None:
                self._talk(self.request)
                return
            with self.server.tls.wrap_socket(self.request, server_side=True) as connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        request = _read_request(connection)
        if request is not None:
            self.server.requests.append(request)
            self.server.behaviour(connection)


def _read_request(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(4096)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(4096)
    return Request(first.split(" ")[1], headers, body)


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda connection: connection.sendall(head + body)


def silence(seconds: float) -> Behaviour:
    """Takes the request and says nothing."""
    return lambda connection: time.sleep(seconds)


def drip(start: bytes, drop: bytes, seconds: float = 5.0) -> Behaviour:
    """Always one more byte, just in time for any timeout that starts over at each of them."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(drop)
            time.sleep(0.05)

    return behave


def cut(start: bytes = b"") -> Behaviour:
    """Has read everything, and hangs up in the middle of its answer."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.shutdown(socket.SHUT_RDWR)

    return behave


@contextmanager
def serving(tls: ssl.SSLContext | None) -> Iterator[Receiver]:
    """A receiver that is listening, and gone afterwards."""
    with Receiver(tls) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


def make_certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a receiver called `NAME`, and for a client who trusts its authority alone."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = _certificate("Autoridad de prueba", ca_key, "Autoridad de prueba", ca_key)
    leaf = _certificate(NAME, key, "Autoridad de prueba", ca_key)
    pem = folder / "receiver.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    authority = ca.public_bytes(serialization.Encoding.PEM).decode()
    return server, ssl.create_default_context(cadata=authority)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    is_authority = name == issuer
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
