"""What is due by time alone: the table, and the loop that follows it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import Flask
from sqlalchemy import text

from backend import clock, deadlines, journey
from backend.app import parts_of
from backend.boards import services as boards
from backend.db import db, transaction
from backend.informes import services as informes
from backend.media import services as media
from backend.media.queries import unreferenced
from backend.padron import services as padron
from backend.parts import Parts
from backend.reports import services as reports
from backend.riskmap import services as riskmap

log = structlog.get_logger()

# One scheduler at a time, however many run: whoever holds this lock.
SCHEDULER_LOCK = 7_311_000
ORPHAN_AGE = timedelta(days=1)


@dataclass(frozen=True)
class Periodic:
    """A name for the log, what to run, and how often."""

    name: str
    run: Callable[[Parts], object]
    every_seconds: int


def _ring_due(parts: Parts) -> int:
    return journey.ring_due(parts, clock.now())


def _release_overdue_reviews(parts: Parts) -> int:
    return deadlines.release_overdue_reviews(parts, clock.now())


def _escalate_overdue(parts: Parts) -> int:
    return deadlines.escalate_overdue(parts, clock.now())


def _remind_terms(parts: Parts) -> int:
    return deadlines.remind_terms(parts, clock.now())


def _publish_risk_map(parts: Parts) -> object:
    return riskmap.publish_public_layer(clock.now())


def _discard_stale_imports(_: Parts) -> int:
    return padron.discard_stale(clock.now())


def _warn_of_expiry(_: Parts) -> int:
    return boards.warn_of_expiry(clock.now())


def _shuffle_reserved(_: Parts) -> None:
    informes.shuffle_reserved(clock.now())  # how many, the log must not say


def _forget_idempotency(_: Parts) -> int:
    with transaction():
        return reports.forget_idempotency(clock.now())


def _delete_orphans(parts: Parts) -> int:
    deleted = 0
    for names in media.batches_of_old_names(parts.storage, clock.now() - ORPHAN_AGE):
        orphans = unreferenced(names)
        db.session.rollback()
        media.delete_files(parts.storage, orphans)
        deleted += len(orphans)
    return deleted


SCHEDULE: tuple[Periodic, ...] = (
    Periodic("ring_due", _ring_due, 10),
    Periodic("escalate_overdue", _escalate_overdue, 15),
    Periodic("release_overdue_reviews", _release_overdue_reviews, 30),
    # Terms are days long.
    Periodic("remind_terms", _remind_terms, 60),
    # Publishes once an hour at most; asked each hour, it would now and then come too early.
    Periodic("publish_risk_map", _publish_risk_map, 300),
    # Once per term and warning, whenever it is asked: hourly is soon after each midnight.
    Periodic("warn_of_expiry", _warn_of_expiry, 3600),
    Periodic("discard_stale_imports", _discard_stale_imports, 3600),
    Periodic("shuffle_reserved", _shuffle_reserved, 3600),
    Periodic("forget_idempotency", _forget_idempotency, 3600),
    Periodic("delete_orphans", _delete_orphans, 6 * 3600),
)


def run_forever(app: Flask) -> None:
    """Run each entry when its time has come; one that fails is logged and runs again."""
    due_at = {entry.name: 0.0 for entry in SCHEDULE}
    while True:
        for entry in SCHEDULE:
            if time.monotonic() >= due_at[entry.name]:
                due_at[entry.name] = time.monotonic() + entry.every_seconds
                run_once(app, entry)
        time.sleep(1)


def run_once(app: Flask, entry: Periodic) -> None:
    """Run one entry, unless another scheduler is at work."""
    try:
        with app.app_context(), _alone() as we_may:
            if we_may:
                result = entry.run(parts_of())
                if result:
                    log.info("schedule.ran", entry=entry.name, result=str(result))
    except Exception as error:
        # The database may be away: the loop must outlive it.
        log.error("schedule.failed", entry=entry.name, error=type(error).__name__)


@contextmanager
def _alone() -> Iterator[bool]:
    with db.engine.connect() as connection:
        holds = text("SELECT pg_try_advisory_lock(:lock)")
        may = bool(connection.scalar(holds, {"lock": SCHEDULER_LOCK}))
        try:
            yield may
        finally:
            connection.scalar(text("SELECT pg_advisory_unlock_all()"))
