"""Versioned secret keys and the few derivations made with them."""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from itsdangerous import BadSignature, URLSafeTimedSerializer

from backend import clock

Purpose = Literal[
    "master",
    "clave",
    "idempotency",
    "device",
    "acceso",
    "session",
    "totp",
    "vault",
    "blind",
    "constancia",
    "junta",
]
PURPOSES: tuple[Purpose, ...] = (
    "master",  # wraps the data key of every sealed file and webhook secret
    "clave",  # derives the clave of a report
    "idempotency",  # hashes credential and Idempotency-Key together
    "device",  # signs the credential of an installation
    "acceso",  # signs the 30-minute token of a case
    "session",  # signs the panel's session cookie
    "totp",  # encrypts staff's second factors
    "vault",  # seals the identities of a case's persons
    "blind",  # hashes documents, so that equal ones are found without being read
    "constancia",  # the Ed25519 seed that signs constancias
    "junta",  # signs the short session of a junta's coordinator
)
SIGNING: Purpose = "constancia"
KEY_BYTES = 32


class SigningKey(NamedTuple):
    """The published half of a signing key, and when it signed; None: unknown, or still."""

    version: int
    public_key: bytes
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class KeyRing:
    """Every secret key by purpose and version; old versions stay readable until forgotten."""

    # Never in a traceback or a log line.
    keys: dict[Purpose, dict[int, bytes]] = field(repr=False)
    current_versions: dict[Purpose, int]
    # When each version was made; rings of the first release do not say.
    since: dict[Purpose, dict[int, datetime]] = field(default_factory=dict)
    # Public halves of signing keys, of forgotten ones too: what they signed stays verifiable.
    public: dict[int, bytes] = field(default_factory=dict)

    def current(self, purpose: Purpose) -> tuple[int, bytes]:
        """The version and key to use for anything new."""
        version = self.current_versions[purpose]
        return version, self.keys[purpose][version]

    def key(self, purpose: Purpose, version: int) -> bytes:
        """The key of that version; `KeyError` when the ring has lost it."""
        return self.keys[purpose][version]

    def signing_keys(self) -> list[SigningKey]:
        """Every constancia key that ever signed, the oldest first."""
        since, versions = self.since.get(SIGNING, {}), sorted(self.public)
        nexts = [*versions[1:], None]
        return [
            SigningKey(one, self.public[one], since.get(one), since.get(after) if after else None)
            for one, after in zip(versions, nexts, strict=True)
        ]

    @classmethod
    def generate(cls) -> "KeyRing":
        """A ring of fresh random keys, all version 1."""
        return cls({}, {}).completed()

    def completed(self) -> "KeyRing":
        """The same ring with a first key for every purpose that it lacks."""
        ring = self
        for purpose in PURPOSES:
            if purpose not in ring.keys:
                ring = ring.rotated(purpose)
        return ring

    def rotated(self, purpose: Purpose) -> "KeyRing":
        """The same ring with a fresh current key for one purpose."""
        versions, since = self.keys.get(purpose, {}), self.since.get(purpose, {})
        version = max([*versions, *since], default=0) + 1
        key = secrets.token_bytes(KEY_BYTES)
        published = {version: _public_half(key)} if purpose == SIGNING else {}
        return KeyRing(
            {**self.keys, purpose: {**versions, version: key}},
            {**self.current_versions, purpose: version},
            {**self.since, purpose: {**since, version: clock.now()}},
            self.public | published,
        )

    def without(self, purpose: Purpose, version: int) -> "KeyRing":
        """The same ring without an old key; the current one stays whatever is asked."""
        if version == self.current_versions[purpose]:
            raise ValueError(f"{purpose} {version} is the current key")
        versions = {one: key for one, key in self.keys[purpose].items() if one != version}
        keys = {**self.keys, purpose: versions}
        return KeyRing(keys, self.current_versions, self.since, self.public)

    def with_keys_of(self, other: "KeyRing") -> "KeyRing":
        """The same ring with the keys that the other has besides; the current ones stay."""
        keys = {
            purpose: {**other.keys.get(purpose, {}), **versions}
            for purpose, versions in self.keys.items()
        }
        return KeyRing(keys, self.current_versions, self.since, self.public)

    @classmethod
    def load(cls, path: Path, *, may_lack_purposes: bool = False) -> "KeyRing":
        """Read a ring; raises `OSError` or `ValueError` when missing, damaged or open to others.

        A ring of an earlier release lacks the purposes that came later: `completed` adds them.
        """
        if path.stat().st_mode & 0o077:
            raise ValueError(f"others may open {path}: chmod 600 it")
        try:
            document = json.loads(path.read_text())
            ring = cls({}, {}, {}, {})
            for purpose in PURPOSES:
                if purpose in document:
                    ring._read(purpose, document[purpose])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the key ring lacks {error}") from error
        lacking = [purpose for purpose in PURPOSES if purpose not in ring.keys]
        if lacking == list(PURPOSES) or (lacking and not may_lack_purposes):
            raise ValueError(
                f"the key ring lacks {', '.join(lacking)}: flask keys create --complete {path}"
            )
        return ring

    def _read(self, purpose: Purpose, entry: dict[str, Any]) -> None:
        """One purpose of the file, while this ring is being loaded."""
        keys, current = _keys_by_version(entry["keys"]), int(entry["current"])
        if len(keys[current]) != KEY_BYTES:
            raise ValueError(f"the current {purpose} key is not {KEY_BYTES} bytes long")
        self.keys[purpose], self.current_versions[purpose] = keys, current
        self.since[purpose] = {
            int(version): datetime.fromisoformat(text)
            for version, text in entry.get("since", {}).items()
        }
        if purpose == SIGNING:
            self.public.update(_keys_by_version(entry.get("public", {})))
            self.public.update((version, _public_half(key)) for version, key in keys.items())

    def save(self, path: Path) -> None:
        """Write the ring for its owner's eyes only, whole or not at all."""
        document = {purpose: self._entry(purpose) for purpose in PURPOSES if purpose in self.keys}
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def _entry(self, purpose: Purpose) -> dict[str, Any]:
        since = self.since.get(purpose, {})
        entry: dict[str, Any] = {
            "current": str(self.current_versions[purpose]),
            "keys": _texts_by_version(self.keys[purpose]),
            "since": {str(version): instant.isoformat() for version, instant in since.items()},
        }
        return entry | ({"public": _texts_by_version(self.public)} if purpose == SIGNING else {})


@contextmanager
def editing(path: Path) -> Iterator[None]:
    """One change of a ring's file at a time: of two at once, one would lose a key."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _keys_by_version(texts: dict[str, str]) -> dict[int, bytes]:
    return {int(version): base64.b64decode(text, validate=True) for version, text in texts.items()}


def _texts_by_version(keys: dict[int, bytes]) -> dict[str, str]:
    return {str(version): base64.b64encode(key).decode() for version, key in keys.items()}


def _public_half(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


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
