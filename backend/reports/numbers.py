"""A report's public number and its clave (contract, design §5; vectors in docs/numero.md)."""

import secrets
from uuid import UUID

from backend.crypto import KeyRing, keyed_hash

# Crockford's base 32: no I, L, O or U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ISO_7064 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOOK_ALIKES = str.maketrans("ILO", "110")
NUMBER_SYMBOLS = 8
CLAVE_SYMBOLS = 16


def new_number() -> str:
    """A random canonical number, `YA-XXXX-XXXX-C`.

    Draws again while the check symbol is one of the four that Crockford leaves out, so that
    look-alikes can be forgiven at every place.
    """
    while True:
        symbols = "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_SYMBOLS))
        check = check_symbol(symbols)
        if check in ALPHABET:
            return _canonical(symbols, check)


def check_symbol(symbols: str) -> str:
    """The ISO 7064 MOD 37,36 check symbol over upper-case letters and digits."""
    product = 36
    for symbol in symbols:
        total = (product + _ISO_7064.index(symbol)) % 36 or 36
        product = total * 2 % 37
    return _ISO_7064[(37 - product) % 36]


def parse_number(text: str) -> str | None:
    """The canonical number that a person meant, or None.

    Forgives hyphens, blanks, case, a missing prefix, and I, L, O for 1, 1, 0.
    """
    folded = _folded(text)
    if len(folded) == NUMBER_SYMBOLS + 3 and folded.startswith("YA"):
        folded = folded[2:]
    if len(folded) != NUMBER_SYMBOLS + 1:
        return None
    symbols, check = folded[:-1], folded[-1]
    if any(symbol not in ALPHABET for symbol in folded) or check_symbol(symbols) != check:
        return None
    return _canonical(symbols, check)


def clave_for(ring: KeyRing, key_version: int, report_id: UUID, clave_version: int) -> str:
    """The 80-bit secret of a report, in four groups; derived, never stored."""
    key = ring.key("clave", key_version)
    digest = keyed_hash(key, report_id.bytes, clave_version.to_bytes(2, "big"))
    number = int.from_bytes(digest[:10], "big")
    symbols = "".join(
        ALPHABET[number >> shift & 31] for shift in range(5 * (CLAVE_SYMBOLS - 1), -1, -5)
    )
    return "-".join(symbols[start : start + 4] for start in range(0, CLAVE_SYMBOLS, 4))


def clave_matches(given: str, expected: str) -> bool:
    """Compare in constant time, forgiving what `parse_number` forgives."""
    return secrets.compare_digest(_folded(given).encode(), _folded(expected).encode())


def _folded(text: str) -> str:
    kept = "".join(symbol for symbol in text[:64].upper() if symbol not in "-–— \t\r\n")
    return kept.translate(_LOOK_ALIKES)


def _canonical(symbols: str, check: str) -> str:
    return f"YA-{symbols[:4]}-{symbols[4:]}-{check}"
