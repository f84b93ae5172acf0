"""Signs and posts messages to institutions' webhooks; only `forwarding.services` calls it.

Form and signature are those of the Standard Webhooks specification; see docs/webhook.md.
"""

import base64
import hmac
import json
import secrets
import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpcore
import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.crypto import KeyRing
from backend.forwarding.address_client import (
    AddressRefused,
    PinnedBackend,
    check_url,
    checked_addresses,
)
from backend.forwarding.models import Delivery, Notice, Outcome, SendResult

SECRET_PREFIX = "whsec_"  # noqa: S105  # the prefix that the specification gives to secrets
SECRET_BYTES = 32
NONCE_BYTES = 12
MAX_ANSWER_BYTES = 64 * 1024
MAX_RETRY_AFTER_SECONDS = 6 * 3600


class SecretLost(Exception):
    """The channel's secret does not open: its master key is gone or it is not its own."""


@dataclass(frozen=True)
class Patience:
    """How long we wait. `total_seconds` holds even against one byte every now and then."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 15.0


PATIENCE = Patience()


def new_secret() -> str:
    """A secret in the form that every Standard Webhooks library reads."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal_secrets(
    ring: KeyRing,
    channel_id: int,
    secret: str,
    old: str | None = None,
    old_until: datetime | None = None,
) -> tuple[int, bytes]:
    """A channel's secrets under the master key: its version and the sealed bytes."""
    until = old_until.isoformat() if old_until else None
    plain = json.dumps({"secret": secret, "old": old, "old_until": until}).encode()
    return _seal(plain, ring, channel_id)


def open_secrets(
    sealed: bytes, version: int, ring: KeyRing, channel_id: int, at: datetime
) -> list[str]:
    """The secrets to sign with now, the newest first; raises `SecretLost`."""
    plain = json.loads(_open(sealed, version, ring, channel_id))
    if plain["old"] and at < datetime.fromisoformat(plain["old_until"]):
        return [plain["secret"], plain["old"]]
    return [plain["secret"]]


def reseal_secrets(
    sealed: bytes, version: int, ring: KeyRing, channel_id: int
) -> tuple[int, bytes]:
    """The same secrets under the current master key; raises `SecretLost`."""
    return _seal(_open(sealed, version, ring, channel_id), ring, channel_id)


def _seal(plain: bytes, ring: KeyRing, channel_id: int) -> tuple[int, bytes]:
    version, key = ring.current("master")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return version, nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(channel_id))


def _open(sealed: bytes, version: int, ring: KeyRing, channel_id: int) -> bytes:
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        cipher = AESGCM(ring.key("master", version))
        return cipher.decrypt(nonce, ciphertext, _bound_to(channel_id))
    except (KeyError, ValueError, InvalidTag):
        raise SecretLost from None


def _bound_to(channel_id: int) -> bytes:
    return f"unit_channel:{channel_id}".encode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The `v1` signature of a message by the Standard Webhooks specification."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def write_body(delivery: Delivery, notice: Notice, link: str) -> bytes:
    """The message for an Envio: the same bytes at every attempt."""
    district = {"ubigeo": notice.ubigeo, "nombre": notice.district} if notice.ubigeo else None
    message = {
        "type": f"reporte.{delivery.purpose}",
        "timestamp": delivery.created_at.isoformat(),
        "data": {
            "envio": str(delivery.envio_id),
            "numero": notice.numero,
            "tipo": notice.kind or "reservado",
            "prioridad": notice.priority,
            "distrito": district,
            "enlace": link,
        },
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def post(
    url: str,
    signing_secrets: Sequence[str],
    message_id: str,
    body: bytes,
    at: datetime,
    *,
    allow_private: bool = False,
    tls: ssl.SSLContext | None = None,
    patience: Patience = PATIENCE,
) -> SendResult:
    """Send once and say how it went; during a rotation there are two secrets."""
    deadline = time.monotonic() + patience.total_seconds
    try:
        parts = check_url(url, allow_private=allow_private)
        addresses = checked_addresses(parts, allow_private, patience.connect_seconds)
    except AddressRefused as refusal:
        return SendResult(Outcome.REFUSED, str(refusal))
    except (OSError, UnicodeError):
        return SendResult(Outcome.RETRY, "No se encontró el servidor del receptor.")
    headers = _headers(parts.netloc, signing_secrets, message_id, body, at)
    backend = PinnedBackend(addresses, deadline)
    with httpcore.ConnectionPool(ssl_context=tls or _tls(), network_backend=backend) as pool:
        return _exchange(pool, url, headers, body, at, patience)


def _exchange(
    pool: httpcore.ConnectionPool,
    url: str,
    headers: list[tuple[bytes | str, bytes | str]],
    body: bytes,
    at: datetime,
    patience: Patience,
) -> SendResult:
    timeout = {
        "connect": patience.connect_seconds,
        "read": patience.read_seconds,
        "write": patience.read_seconds,
    }
    try:
        with pool.stream(
            "POST", url, headers=headers, content=body, extensions={"timeout": timeout}
        ) as response:
            _skim(response)
            return _judge(response.status, response.headers, at)
    except httpcore.ConnectTimeout:
        return SendResult(Outcome.RETRY, "El receptor no abrió la conexión a tiempo.")
    except httpcore.ConnectError as error:
        if any(isinstance(cause, ssl.SSLError) for cause in error.args):
            return SendResult(Outcome.RETRY, "El certificado o el TLS del receptor no es válido.")
        return SendResult(Outcome.RETRY, "No se pudo conectar con el receptor.")
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        return SendResult(Outcome.NO_ANSWER, "El receptor no respondió; no se sabe si llegó.")


def _headers(
    netloc: str, signing_secrets: Sequence[str], message_id: str, body: bytes, at: datetime
) -> list[tuple[bytes | str, bytes | str]]:
    timestamp = int(at.timestamp())
    signatures = (sign(secret, message_id, timestamp, body) for secret in signing_secrets)
    return [
        ("Host", netloc),
        ("Content-Type", "application/json"),
        ("User-Agent", "Yo-Alerto-Webhook/1"),
        ("Connection", "close"),
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(signatures)),
    ]


def _judge(status: int, headers: Iterable[tuple[bytes, bytes]], at: datetime) -> SendResult:
    if 200 <= status < 300:
        return SendResult(Outcome.DELIVERED)
    if status == 410:
        return SendResult(
            Outcome.REFUSED, "El receptor respondió 410: ya no existe. Revisa el canal."
        )
    if 300 <= status < 400:
        return SendResult(
            Outcome.REFUSED, f"El receptor respondió {status}: redirige a otra dirección."
        )
    # Also 401, 403 and 404: a receiver badly set up for a minute must not cost the delivery.
    return SendResult(
        Outcome.RETRY, f"El receptor respondió {status}.", _retry_after_seconds(headers, at)
    )


def _retry_after_seconds(headers: Iterable[tuple[bytes, bytes]], at: datetime) -> int:
    """What the receiver asks for, within reason; 0 when it asks for nothing that we understand."""
    text = {name.lower(): value for name, value in headers}.get(b"retry-after", b"")
    value = text.decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_RETRY_AFTER_SECONDS)
    try:
        wanted = (parsedate_to_datetime(value) - at).total_seconds()
    except (ValueError, TypeError):
        return 0
    return int(min(max(wanted, 0), MAX_RETRY_AFTER_SECONDS))


def _skim(response: httpcore.Response) -> None:
    """Read a short answer politely and throw it away; the status has already said it all."""
    size = 0
    with suppress(httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        for chunk in response.iter_stream():
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                return


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
