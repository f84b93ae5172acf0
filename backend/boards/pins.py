"""Codes, secrets and PINs of coordinators: how they are made, compared and kept; for `access`."""

import secrets
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from backend.crypto import KeyRing, keyed_hash
from backend.errors import wrong_field

PIN_DIGITS = 6
SECRET_BYTES = 32
# 140 bits that a person can type where a camera fails.
CODE_SYMBOLS = 28
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O or U
_LOOK_ALIKES = str.maketrans("ILO", "110")


def new_code() -> str:
    """A code for one enrolment, in groups of four."""
    symbols = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_SYMBOLS))
    return "-".join(symbols[start : start + 4] for start in range(0, CODE_SYMBOLS, 4))


def new_secret() -> str:
    """What only the phone keeps."""
    return secrets.token_urlsafe(SECRET_BYTES)


def code_hashes(ring: KeyRing, code: str) -> list[bytes]:
    """What a code may be stored as, the current key's first; forgives case and look-alikes."""
    kept = "".join(symbol for symbol in code[:64].upper() if symbol.isalnum())
    return _hashes(ring, b"enrol", kept.translate(_LOOK_ALIKES))


def secret_hashes(ring: KeyRing, secret: str) -> list[bytes]:
    """What a phone's secret may be stored as, the current key's first."""
    return _hashes(ring, b"secret", secret)


def pin_hash(secret: str, pin: str) -> str:
    """Slow, and of both together: whoever has the table alone has nothing to try PINs on."""
    return _hasher().hash(_both(secret, pin))


def pin_fits(expected: str | None, secret: str, pin: str) -> bool:
    """Whether they are the two; of nobody's, after the same work, no."""
    try:
        _hasher().verify(expected or _of_nobody(), _both(secret, pin))
    except VerifyMismatchError:
        return False
    return expected is not None


def refuse_obvious(pin: str) -> None:
    """Raise `InvalidInput` for what is no PIN, or one of those that anybody tries first."""
    if not (len(pin) == PIN_DIGITS and pin.isascii() and pin.isdigit()):
        raise wrong_field("pin", f"El PIN tiene {PIN_DIGITS} cifras.")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_obvious = (
        len(steps) == 1  # 111111, 123456, 987654, 135791
        or len(set(pin)) == 2  # 121212, 111222
        or pin[:3] == pin[3:]  # 123123
        or pin[::2] == pin[1::2]  # 112233
    )
    if is_obvious:
        raise wrong_field("pin", "Ese PIN es muy fácil de adivinar. Elige otro, sin orden.")


@cache
def _hasher() -> PasswordHasher:
    # OWASP's smallest: the phone's 256 bits are in it as well, and anybody may ask for one.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _of_nobody() -> str:
    return _hasher().hash(secrets.token_hex())


def _both(secret: str, pin: str) -> str:
    return f"{secret}:{pin}"


def _hashes(ring: KeyRing, what: bytes, secret: str) -> list[bytes]:
    current, _ = ring.current("junta")
    others = sorted(ring.keys["junta"].keys() - {current}, reverse=True)
    keys = (ring.key("junta", version) for version in (current, *others))
    return [keyed_hash(key, what, secret.encode()) for key in keys]
