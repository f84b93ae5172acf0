"""Texts that a browser only hands back: nobody reads in them what they were made from.

Cursors and versions hold instants, and the minute of a sensible report is nobody's business.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from backend.app import parts_of
from backend.crypto import keyed_hash


def sealed(words: str) -> str:
    """The words as a token that only this panel opens."""
    return _fernet().encrypt(words.encode()).decode()


def opened(token: str) -> str | None:
    """What `sealed` was given; None for a token that we did not make, or under another key."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def fingerprint(words: str) -> str:
    """The same for the same words, and no way back to them, not even by trying them all."""
    return keyed_hash(_key(), b"fingerprint", words.encode()).hex()[:32]


def _fernet() -> Fernet:
    return Fernet(urlsafe_b64encode(keyed_hash(_key(), b"sealed")))


def _key() -> bytes:
    return parts_of().settings.keys.current("session")[1]
