"""How much one phone, and one address, may send.

Many phones share one address behind a carrier's NAT, so the limits that bite are per
credential; those per address only stop machines. An administrator's switch lifts what stands
between people and their alerts, as after an earthquake. Without Redis each process counts for
itself, with the same numbers.
"""

import math
import secrets
import time
from contextlib import suppress

from flask import Flask, g, request
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from backend import switches
from backend.app import parts_of
from backend.crypto import keyed_hash
from backend.errors import TooMany
from backend.queue import TIMEOUT_SECONDS

PER_PHONE_ALERTS = "12 per 10 minutes"
PER_ADDRESS = "1200 per minute"
PER_ADDRESS_ALERTS = "1800 per minute"
PER_ADDRESS_NEW_PHONES = "1800 per minute"
PER_ADDRESS_TRACKING = "600 per minute"
PER_CASE_MESSAGES = "20 per hour"
# Each costs a slow hash. The access itself locks after five wrong PINs, whatever the address.
PER_ADDRESS_PINS = "300 per 10 minutes"
PER_PHONE_PINS = "10 per 10 minutes"
PER_ADDRESS_ENROLMENTS = "60 per 10 minutes"
PER_JUNTA_CALLS = "240 per 10 minutes"


def phone_key() -> str:
    """The phone that asks, hashed: Redis must not list who sent something."""
    return f"phone:{_hashed(str(g.get('device', '')))}"


def address_key() -> str:
    """The address that asks, hashed: Redis' log on disk would name it beside the report."""
    return _hashed(get_remote_address())


def case_key() -> str:
    """The case that the token is about."""
    return f"case:{_hashed(str(g.acceso.report_id) if 'acceso' in g else '')}"


def secret_key() -> str:
    """The phone that tries a PIN, by the secret that it sent."""
    sent = request.get_json(silent=True)
    return f"secret:{_hashed(str(sent.get('secreto', '')) if isinstance(sent, dict) else '')}"


def junta_key() -> str:
    """The coordinator who asks."""
    return f"junta:{_hashed(str(g.junta.coordinator_id) if 'junta' in g else '')}"


def limits_are_lifted() -> bool:
    """Whether the emergency switch is on."""
    return switches.is_on(switches.LIMITS_LIFTED)


def too_many() -> TooMany:
    """What the phone is told after a breach."""
    # Whoever tells something sends a key to repeat it with; a PIN or a clave stays nowhere.
    is_told = "Idempotency-Key" in request.headers
    words = (
        "Recibimos muchos envíos seguidos. Espera un momento y vuelve a intentarlo; "
        "lo que escribiste sigue en tu teléfono. Si es urgente, llama al 105."
        if is_told
        else "Hubo muchos intentos seguidos desde aquí. Espera un momento y vuelve a intentarlo. "
        "Si es urgente, llama al 105."
    )
    return TooMany(words, g.get("limit_wait_seconds", 60))


def _remember_wait(breached: RequestLimit) -> None:
    # Raising here would pass for a storage that failed: the library would fall back to memory.
    g.limit_wait_seconds = max(1, math.ceil(breached.reset_at - time.time()))


limiter = Limiter(address_key, default_limits=[PER_ADDRESS], on_breach=_remember_wait)


# A junta's informes are counted in each process by itself, and nowhere else: Redis' log would put
# one key beside all that a coordinator told in an hour, and an ordinary one says of which junta.
_own = FixedWindowRateLimiter(MemoryStorage())
_INFORMES = ((parse(PER_ADDRESS_ALERTS), address_key), (parse(PER_PHONE_ALERTS), junta_key))


def admit_informe() -> None:
    """Count one informe; raises `TooMany` past what a phone, or an address, may send."""
    if not limiter.enabled or limits_are_lifted():
        return
    for limit, key in _INFORMES:
        if not _own.hit(limit, key()):
            over = _own.get_window_stats(limit, key()).reset_time - time.time()
            g.limit_wait_seconds = max(1, math.ceil(over))
            raise too_many()
    # Beside the work on any report Redis' log has the count of a phone: here, of one made up,
    # in the same order and under the name of an alert's.
    with suppress(Exception):  # nobody is refused for it, Redis or not
        for limit, name in ((_INFORMES[1][0], "phone:"), (_INFORMES[0][0], "")):
            limiter.limiter.hit(limit, f"{name}{secrets.token_hex(16)}", "alertas.create")


def register(app: Flask) -> None:
    """Count in Redis, or in the process while Redis is away."""
    app.config.update(
        RATELIMIT_STORAGE_URI=_storage_uri(parts_of(app).settings.redis_url),
        RATELIMIT_STORAGE_OPTIONS={
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
        },
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_HEADERS_ENABLED=False,
    )
    limiter.init_app(app)


def _storage_uri(redis_url: str) -> str:
    # The library's spelling of a socket address.
    return redis_url.replace("unix://", "redis+unix://", 1)


def _hashed(text: str) -> str:
    # The hour is part of it: Redis' log on disk must not tell which reports, standing beside
    # these keys, came from one phone. Whoever is at a limit gets a fresh count on the hour.
    _, key = parts_of().settings.keys.current("device")
    hour = str(int(time.time() // 3600))
    return keyed_hash(key, b"limit", hour.encode(), text.encode()).hex()[:32]
