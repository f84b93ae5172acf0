"""What lies under which version of a key, and how it gets under the current one.

`flask keys` calls it, by hand and seldom, as the owner of the schema: the roles of the running
processes cannot read the vault.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from backend.crypto import PURPOSES, KeyRing, Purpose
from backend.db import transaction
from backend.forwarding import queries as channels
from backend.forwarding import services as forwarding
from backend.live_keys import LOOK_SECONDS
from backend.media import queries as photos
from backend.media import services as media
from backend.padron import services as padron
from backend.vault import members
from backend.vault import queries as identities
from backend.vault import services as vault

BATCH = 500
BATCHES_BETWEEN_WORDS = 20
# Within this all processes have read the ring again, and what they were writing is committed.
SETTLED = timedelta(minutes=1)

KEPT_FOREVER: dict[Purpose, str] = {
    "clave": "people hold claves that were derived from it",
    "idempotency": "it tells a repeated report from a new one",
    "totp": "staff's second factors are encrypted with it",
}
NEEDS_RESTART: frozenset[Purpose] = frozenset({"session", "totp"})


class CannotForgetError(Exception):
    """The key is still needed, or nobody can know yet that it is not."""


@dataclass(frozen=True)
class Holding:
    """Rows of one kind, and how many of them lie under each version of the keys they need."""

    name: str
    rewrap: Callable[[KeyRing, Any], tuple[Any, list[Any]]]
    counts: Mapping[Purpose, Callable[[], dict[int, int]]]

    def rows_under_old_keys(self, ring: KeyRing) -> int:
        """What a rewrap still has to do; a row counts once for each of its keys."""
        return sum(
            rows
            for purpose, count in self.counts.items()
            for version, rows in count().items()
            if version != ring.current(purpose)[0]
        )


def holdings(owner: Engine) -> tuple[Holding, ...]:
    """Everything that lies under a key which can be rotated away."""

    def rewrap_photos(ring: KeyRing, after: Any) -> tuple[Any, list[Any]]:
        with transaction():
            return media.rewrap_some(ring, after, BATCH)

    def rewrap_secrets(ring: KeyRing, after: Any) -> tuple[Any, list[Any]]:
        with transaction():
            return forwarding.rewrap_secrets(ring, after, BATCH)

    def rewrap_identities(ring: KeyRing, after: Any) -> tuple[Any, list[Any]]:
        with owner.begin() as connection:
            return vault.rewrap_some(connection, ring, after, BATCH)

    def rewrap_members(ring: KeyRing, after: Any) -> tuple[Any, list[Any]]:
        with owner.begin() as connection:
            return members.rewrap_members(connection, ring, after, BATCH)

    def as_owner(count: Callable[[Connection], dict[int, int]]) -> Callable[[], dict[int, int]]:
        def counted() -> dict[int, int]:
            with owner.connect() as connection:
                return count(connection)

        return counted

    in_vault: dict[Purpose, Callable[[], dict[int, int]]] = {
        "vault": as_owner(identities.rows_by_key),
        "blind": as_owner(identities.rows_by_index_key),
    }
    of_members: dict[Purpose, Callable[[], dict[int, int]]] = {
        "vault": as_owner(members.members_by_key),
        "blind": as_owner(members.members_by_index_key),
    }
    return (
        Holding("photos", rewrap_photos, {"master": _count_photos}),
        Holding("webhook secrets", rewrap_secrets, {"master": _count_secrets}),
        Holding("identities", rewrap_identities, in_vault),
        Holding("members", rewrap_members, of_members),
        Holding("uploaded rosters", padron.rewrap_files, {"vault": padron.files_by_key}),
    )


def wait_until_processes_know(ring: KeyRing, now: datetime) -> None:
    """Until every process has seen the newest key, so that none writes under an old one."""
    made = [since[max(since)] for purpose in PURPOSES if (since := ring.since.get(purpose))]
    if made:
        known = max(made) + timedelta(seconds=2 * LOOK_SECONDS)
        # Nothing tells when other processes have looked, only that they look every second.
        time.sleep(max(0.0, min((known - now).total_seconds(), 2 * LOOK_SECONDS)))


def rewrap_all(holding: Holding, ring: KeyRing, told: Callable[[int], None]) -> int:
    """Bring all its rows under the current keys, saying now and then how many are left.

    Rows that came meanwhile are looked for at the end. Returns how many are left for good:
    their old key is lost, or another rewrap holds them.
    """
    left = holding.rows_under_old_keys(ring)
    while left:
        _pass_once(holding, ring, told)
        before, left = left, holding.rows_under_old_keys(ring)
        if left >= before:
            break
    return left


def forgotten(
    ring: KeyRing, purpose: Purpose, version: int, held: tuple[Holding, ...], now: datetime
) -> KeyRing:
    """The ring without an old key that nothing needs any more; raises `CannotForgetError`.

    The public half of a signing key stays: what it signed can still be checked.
    """
    current, _ = ring.current(purpose)
    if purpose in KEPT_FOREVER:
        raise CannotForgetError(f"every {purpose} key stays: {KEPT_FOREVER[purpose]}")
    if version == current:
        raise CannotForgetError(f"{purpose} {version} is the current key: rotate first")
    if version not in ring.keys[purpose]:
        raise CannotForgetError(f"the ring has no {purpose} {version}")
    rotated_at = ring.since.get(purpose, {}).get(current)
    if rotated_at is not None and now < rotated_at + SETTLED:
        raise CannotForgetError(
            f"{purpose} was rotated less than a minute ago: processes may still write under it"
        )
    for holding in held:
        rows = holding.counts[purpose]().get(version, 0) if purpose in holding.counts else 0
        if rows:
            raise CannotForgetError(
                f"{rows} keys of {holding.name} are under {purpose} {version}: flask keys rewrap"
            )
    return ring.without(purpose, version)


def _pass_once(holding: Holding, ring: KeyRing, told: Callable[[int], None]) -> None:
    after, batches = None, 0
    while True:
        after, _ = holding.rewrap(ring, after)
        batches += 1
        if after is None:
            return
        if batches % BATCHES_BETWEEN_WORDS == 0:
            told(holding.rows_under_old_keys(ring))


def _count_photos() -> dict[int, int]:
    with transaction():
        return photos.keys_by_version()


def _count_secrets() -> dict[int, int]:
    with transaction():
        return channels.secrets_by_key()
