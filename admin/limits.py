"""How often somebody may try to sign in, per account and per address; `admin.access` asks.

Counted in Redis; while Redis is away each process counts for itself, so guessing never becomes
free. All attempts count, right or wrong, so that answers given at once cannot slip through.
"""

from typing import cast

from flask import Flask, current_app, request, session
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from backend.app import parts_of
from backend.crypto import keyed_hash
from backend.queue import TIMEOUT_SECONDS

# An account is somebody's own; behind one address there is a whole comisaría.
PER_ACCOUNT = RateLimitItemPerMinute(20, 10)
PER_ACCOUNT_FROM_ADDRESS = RateLimitItemPerMinute(10, 10)
PER_ADDRESS = RateLimitItemPerMinute(100, 10)
# As long as a code of the second factor could still be accepted.
CODE_LIFE = RateLimitItemPerMinute(1, 5)

# Endpoints that take a secret somebody could guess.
GUARDED = (
    "security.login",
    "security.two_factor_token_validation",
    "security.two_factor_setup_validate",
    "security.mf_recovery",
    "security.verify",
    "security.change_password",
)
TOO_MANY = (
    429,
    "Demasiados intentos",
    "Espere diez minutos y vuelva a intentarlo. Si olvidó su clave o perdió su segundo factor, "
    "pida al administrador que los restablezca.",
)


class AttemptCounter:
    """Counts in Redis, or in this process while Redis does not answer."""

    def __init__(self, shared: Storage) -> None:
        self._shared = FixedWindowRateLimiter(shared)
        self._own = FixedWindowRateLimiter(MemoryStorage())

    def admits(self, limit: RateLimitItem, *key: str) -> bool:
        """Count one attempt; whether it is still within the limit."""
        try:
            return self._shared.hit(limit, *key)
        except StorageError:
            return self._own.hit(limit, *key)


def register(app: Flask) -> None:
    """Prepare the counters; nothing connects yet."""
    address = parts_of(app).settings.redis_url.replace("unix://", "redis+unix://", 1)
    storage = storage_from_string(
        address,
        wrap_exceptions=True,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )
    app.extensions["panel_attempts"] = AttemptCounter(cast(Storage, storage))


def leave_to_the_panel(app: Flask, blueprints: tuple[str, ...]) -> None:
    """Take the public edge's limit per address off: fifty open desks share an address."""
    for public in app.extensions.get("limiter", ()):
        for name in blueprints:
            public.exempt(app.blueprints[name])


def refuse_guessing(endpoint: str) -> tuple[int, str, str] | None:
    """Count an attempt at a guarded endpoint; what to answer when there were too many."""
    if endpoint not in GUARDED:
        return None
    count, step = _counter(), "password" if endpoint == "security.login" else "factor"
    account, address = _account(endpoint), _hashed(request.remote_addr or "")
    admitted = (
        count.admits(PER_ADDRESS, step, address),
        count.admits(PER_ACCOUNT_FROM_ADDRESS, step, account, address),
        count.admits(PER_ACCOUNT, step, account),
    )
    return None if all(admitted) else TOO_MANY


def is_first_use(staff_id: int, code_number: int) -> bool:
    """Whether this code of a second factor has not been used; each is good once."""
    return _counter().admits(CODE_LIFE, "code", str(staff_id), str(code_number))


def _counter() -> AttemptCounter:
    counter: AttemptCounter = current_app.extensions["panel_attempts"]
    return counter


def _account(endpoint: str) -> str:
    """Whose secret is being tried, hashed: a Redis dump must not list accounts.

    After the password the session says it: a name typed again could be another at each guess.
    """
    if endpoint == "security.login":
        return _hashed(request.form.get("username", "")[:80].strip().lower())
    return _hashed(str(session.get("tf_user_id") or session.get("_user_id")))


def _hashed(text: str) -> str:
    _, key = parts_of().settings.keys.current("session")
    return keyed_hash(key, b"limit", text.encode()).hex()[:32]
