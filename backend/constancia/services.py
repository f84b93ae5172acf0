"""Signs and checks constancias; `backend.submission`, the public edge and the command call it.

Nothing here needs settings, Flask or a database: whoever holds the published keys can check a
constancia with this module and `cryptography` alone. The format is in docs/constancia.md.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.constancia.models import Checked, Code, Payload, PublishedKey, Verdict

if TYPE_CHECKING:
    from backend.crypto import KeyRing

# Crockford's base 32, as in a report's number; a QR code has a compact mode for it.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans("ILO", "110")
FORMAT = "1"
# Symbols of each part, in this order: format, version of the key, number, seconds, digest.
PARTS = (1, 3, 9, 7, 26)
SIGNED_SYMBOLS = sum(PARTS)
SIGNATURE_SYMBOLS = 103
CODE_SYMBOLS = SIGNED_SYMBOLS + SIGNATURE_SYMBOLS
SIGNATURE_BYTES = 64
SALT_BYTES = 16
# 128 bits: whoever forges must hit the digest of a content that is already signed. To prepare two
# contents with one digest (2^64 tries) one would have to know the salt before it is drawn.
DIGEST_BYTES = 16
# Nothing that is signed with this key for another purpose can pass for a constancia.
DOMAIN = b"YA-CONSTANCIA-1:"
CLOCK_LEEWAY = timedelta(minutes=1)
ROLLOUT_LEEWAY = timedelta(minutes=10)


def issue(
    ring: "KeyRing", numero: str, issued_at: datetime, content: Mapping[str, Any], salt: bytes
) -> Payload:
    """Sign a receipt with the current key; raises `ValueError` for what could not be checked."""
    version, secret = ring.current("constancia")
    return _issue_with(version, secret, numero, issued_at, content, salt)


def _issue_with(
    version: int,
    secret: bytes,
    numero: str,
    issued_at: datetime,
    content: Mapping[str, Any],
    salt: bytes,
) -> Payload:
    seconds = int(issued_at.timestamp())
    symbols = numero.replace("-", "")[2:]
    if content["numero"] != numero:
        raise ValueError("the content is another report's")
    signed = "".join(
        (
            FORMAT,
            _symbols(version, PARTS[1]),
            symbols,
            _symbols(seconds, PARTS[3]),
            _packed(digest_of(content, salt), PARTS[4]),
        )
    )
    signature = Ed25519PrivateKey.from_private_bytes(secret).sign(DOMAIN + signed.encode())
    code = signed + _packed(signature, SIGNATURE_SYMBOLS)
    return Payload(code, content, salt, version, datetime.fromtimestamp(seconds, UTC))


def verify(
    text: str,
    keys: Iterable[PublishedKey],
    content: Mapping[str, Any] | None = None,
    salt: bytes | None = None,
) -> Checked:
    """Check a code, as typed or as the address in the QR, and the content where it is at hand."""
    code = read_code(text)
    if code is None:
        return Checked(Verdict.UNREADABLE)
    found = Checked(_verdict(code, keys), code.numero, code.issued_at, code.key_version)
    if found.verdict is not Verdict.GOOD or content is None:
        return found
    if _vouches_for(code, content, salt):
        return found
    return Checked(Verdict.OTHER_CONTENT, code.numero, code.issued_at, code.key_version)


def read_document(text: str) -> tuple[str, Mapping[str, Any], bytes]:
    """Code, content and salt of a constancia's document; raises `ValueError` when it is none."""
    try:
        document = json.loads(text)
        return str(document["codigo"]), dict(document["contenido"]), bytes.fromhex(document["sal"])
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not the document of a constancia") from error


def read_code(text: str) -> Code | None:
    """What a code says; forgives what a report's number forgives, and the address before it."""
    kept = "".join(text.rpartition("#")[2].upper().split()).replace("-", "")
    symbols = kept.translate(LOOK_ALIKES)
    if len(symbols) != CODE_SYMBOLS or set(symbols) - set(ALPHABET) or symbols[0] != FORMAT:
        return None
    parts, start = [], 0
    for length in PARTS:
        parts.append(symbols[start : start + length])
        start += length
    digest = _unpacked(parts[4], DIGEST_BYTES)
    signature = _unpacked(symbols[SIGNED_SYMBOLS:], SIGNATURE_BYTES)
    if digest is None or signature is None:
        return None
    return Code(
        key_version=_number(parts[1]),
        numero=f"YA-{parts[2][:4]}-{parts[2][4:8]}-{parts[2][8]}",
        issued_at=datetime.fromtimestamp(_number(parts[3]), UTC),
        digest=digest,
        signed=symbols[:SIGNED_SYMBOLS].encode(),
        signature=signature,
    )


def digest_of(content: Mapping[str, Any], salt: bytes) -> bytes:
    """The salted hash of a content."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + canonical_json(content)).digest()[:DIGEST_BYTES]


def canonical_json(content: Mapping[str, Any]) -> bytes:
    """The same bytes for the same content in every language (RFC 8785, without fractions)."""
    _refuse_fractions(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def published_keys(ring: "KeyRing") -> list[PublishedKey]:
    """The public halves, with the times that checkers allow them.

    Machines take up a new ring some minutes after the first one, and their clocks differ: a little
    before and after belongs to each key.
    """
    return [
        PublishedKey(
            key.version,
            key.public_key,
            key.since - CLOCK_LEEWAY if key.since else None,
            key.until + ROLLOUT_LEEWAY if key.until else None,
        )
        for key in ring.signing_keys()
    ]


def keys_as_json(keys: Iterable[PublishedKey]) -> dict[str, Any]:
    """The published keys as `/constancia/llaves.json` shows them."""
    return {
        "llaves": [
            {
                "version": key.version,
                "publica": key.public.hex(),
                "desde": key.since.isoformat() if key.since else None,
                "hasta": key.until.isoformat() if key.until else None,
            }
            for key in keys
        ]
    }


def keys_from_json(text: str) -> list[PublishedKey]:
    """The keys of a published file; raises `ValueError` when it is none."""
    try:
        return [
            PublishedKey(
                int(one["version"]),
                bytes.fromhex(one["publica"]),
                _instant(one["desde"]),
                _instant(one["hasta"]),
            )
            for one in json.loads(text)["llaves"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("not a file of published keys") from error


def _verdict(code: Code, keys: Iterable[PublishedKey]) -> Verdict:
    key = next((one for one in keys if one.version == code.key_version), None)
    if key is None:
        return Verdict.UNKNOWN_KEY
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(code.signature, DOMAIN + code.signed)
    except InvalidSignature:
        return Verdict.CHANGED
    # The code knows whole seconds only.
    if key.since is not None and code.issued_at < key.since.replace(microsecond=0):
        return Verdict.KEY_TOO_YOUNG
    if key.until is not None and code.issued_at >= key.until:
        return Verdict.KEY_RETIRED
    return Verdict.GOOD


def _vouches_for(code: Code, content: Mapping[str, Any], salt: bytes | None) -> bool:
    try:
        return digest_of(content, salt or b"") == code.digest
    except ValueError:
        return False


def _refuse_fractions(value: Any) -> None:
    """Languages write fractions differently, so a content holds none."""
    if isinstance(value, float):
        raise ValueError("a content holds no fractions")
    if isinstance(value, Mapping):
        for one in value.values():
            _refuse_fractions(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _refuse_fractions(one)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _symbols(number: int, length: int) -> str:
    if number < 0 or number >> (5 * length):
        raise ValueError(f"{number} needs more than {length} symbols")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def _number(symbols: str) -> int:
    number = 0
    for symbol in symbols:
        number = number << 5 | ALPHABET.index(symbol)
    return number


def _packed(data: bytes, length: int) -> str:
    """Bytes as symbols, most significant bits first, filled up with zeros."""
    return _symbols(int.from_bytes(data, "big") << (5 * length - 8 * len(data)), length)


def _unpacked(symbols: str, size: int) -> bytes | None:
    """The bytes, or None when the filling is not zero: each code has one spelling only."""
    number, filling = _number(symbols), 5 * len(symbols) - 8 * size
    if number & ((1 << filling) - 1):
        return None
    return (number >> filling).to_bytes(size, "big")
