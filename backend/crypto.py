"""Versioned secret keys and the few derivations made with them."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from itsdangerous import BadSignature, URLSafeTimedSerializer

Purpose = Literal["master", "clave", "idempotency", "device", "acceso", "session", "totp"]
PURPOSES: tuple[Purpose, ...] = (
    "master",  # wraps the data key of every sealed file and webhook secret
    "clave",  # derives the clave of a report
    "idempotency",  # hashes credential and Idempotency-Key together
    "device",  # signs the credential of an installation
    "acceso",  # signs the 30-minute token of a case
    "session",  # signs the panel's session cookie
    "totp",  # encrypts staff's second factors
)
KEY_BYTES = 32


@dataclass(frozen=True)
class KeyRing:
    """Every secret key by purpose and version; old versions stay readable."""

    # Never in a traceback or a log line.
    keys: dict[Purpose, dict[int, bytes]] = field(repr=False)
    current_versions: dict[Purpose, int]

    def current(self, purpose: Purpose) -> tuple[int, bytes]:
        """The version and key to use for anything new."""
        version = self.current_versions[purpose]
        return version, self.keys[purpose][version]

    def key(self, purpose: Purpose, version: int) -> bytes:
        """The key of that version; `KeyError` when the ring has lost it."""
        return self.keys[purpose][version]

    @classmethod
    def generate(cls) -> "KeyRing":
        """A ring of fresh random keys, all version 1."""
        return cls(
            {purpose: {1: secrets.token_bytes(KEY_BYTES)} for purpose in PURPOSES},
            dict.fromkeys(PURPOSES, 1),
        )

    def rotated(self, purpose: Purpose) -> "KeyRing":
        """The same ring with a fresh current key for one purpose."""
        version = max(self.keys[purpose]) + 1
        versions = {**self.keys[purpose], version: secrets.token_bytes(KEY_BYTES)}
        return KeyRing(
            {**self.keys, purpose: versions}, {**self.current_versions, purpose: version}
        )

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read a ring; raises `OSError` or `ValueError` when missing, damaged or open to others."""
        if path.stat().st_mode & 0o077:
            raise ValueError(f"others may open {path}: chmod 600 it")
        try:
            document = json.loads(path.read_text())
            keys: dict[Purpose, dict[int, bytes]] = {}
            current: dict[Purpose, int] = {}
            for purpose in PURPOSES:
                entry = document[purpose]
                keys[purpose] = {
                    int(version): base64.b64decode(text, validate=True)
                    for version, text in entry["keys"].items()
                }
                current[purpose] = int(entry["current"])
                if len(keys[purpose][current[purpose]]) != KEY_BYTES:
                    raise ValueError(f"the current {purpose} key is not {KEY_BYTES} bytes long")
        except (KeyError, TypeError) as error:
            raise ValueError(f"the key ring lacks {error}") from error
        return cls(keys, current)

    def save(self, path: Path) -> None:
        """Write the ring for its owner's eyes only, whole or not at all."""
        document = {
            purpose: {
                "current": str(self.current_versions[purpose]),
                "keys": {
                    str(version): base64.b64encode(key).decode()
                    for version, key in self.keys[purpose].items()
                },
            }
            for purpose in PURPOSES
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def keyed_hash(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA256 over the parts, each preceded by its length so that they cannot run together."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()


def sign_token(ring: KeyRing, purpose: Purpose, payload: Any) -> str:
    """A URL-safe token that carries the payload, readable by anybody, forgeable by nobody."""
    return _serializer(ring, purpose).dumps(payload)


def read_token(ring: KeyRing, purpose: Purpose, token: str, max_age_seconds: int) -> Any | None:
    """The payload of a token made by `sign_token`, or None when forged, damaged or too old."""
    try:
        return _serializer(ring, purpose).loads(token, max_age=max_age_seconds)
    except BadSignature:
        return None


def _serializer(ring: KeyRing, purpose: Purpose) -> URLSafeTimedSerializer:
    # Old versions verify, the last of the list signs.
    _, current = ring.current(purpose)
    others = [key for key in ring.keys[purpose].values() if key != current]
    return URLSafeTimedSerializer([*others, current], salt=purpose)
