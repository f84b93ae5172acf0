"""Work kept as rows: what is due, claiming it with a lease, and recording how it went.

The row says what is due; Redis only rings. Tables that are outboxes mix in `Outbox`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import DateTime, SmallInteger, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Word, db


class WorkState(StrEnum):
    """Where a piece of work stands. `no_answer` is retried like `pending`, but says why."""

    PENDING = "pending"
    NO_ANSWER = "no_answer"
    DONE = "done"
    FAILED = "failed"


WAITING = (WorkState.PENDING, WorkState.NO_ANSWER)


class Outbox:
    """Columns of a row that is work to be done, once or more, by a job that may die."""

    work_state: Mapped[WorkState] = mapped_column(Word(WorkState), server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    next_attempt_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str | None]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


Row = TypeVar("Row", bound=Outbox)

BACKOFF_SECONDS = (5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600)
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1


def claim(model: type[Row], identity: object, now: datetime, lease_seconds: int) -> Row | None:
    """Take the row for `lease_seconds`, or None when it is done, not due, or somebody's.

    Call inside `transaction()`. An attempt counts from here on, so that work that kills its
    worker is given up one day, too.
    """
    row = db.session.get(model, identity, with_for_update={"skip_locked": True})
    if row is None or row.work_state not in WAITING or row.next_attempt_at > now:
        return None
    if row.leased_until is not None and row.leased_until > now:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        _finish(row, WorkState.FAILED, now)
        row.last_error = row.last_error or "Se interrumpió en todos los intentos."
        return None
    row.attempts += 1
    row.leased_until = now + timedelta(seconds=lease_seconds)
    return row


def record_done(row: Outbox, now: datetime) -> None:
    """The work is done."""
    _finish(row, WorkState.DONE, now)
    row.last_error = None


def record_failure(
    row: Outbox, now: datetime, error: str, *, no_answer: bool = False, final: bool = False
) -> None:
    """The attempt failed: try again later, or give up visibly."""
    row.last_error = error[:500]
    row.leased_until = None
    if final or row.attempts >= MAX_ATTEMPTS:
        _finish(row, WorkState.FAILED, now)
        return
    row.work_state = WorkState.NO_ANSWER if no_answer else WorkState.PENDING
    row.next_attempt_at = now + timedelta(seconds=BACKOFF_SECONDS[row.attempts - 1])


def try_again(row: Outbox, now: datetime) -> None:
    """A person asks for another round of attempts on failed work."""
    row.work_state = WorkState.PENDING
    row.attempts = 0
    row.next_attempt_at = now
    row.leased_until = None
    row.finished_at = None


def due(model: type[Row], now: datetime, limit: int) -> Sequence[Row]:
    """Rows whose time has come and that nobody holds, oldest first."""
    query = (
        select(model)
        .where(
            model.work_state.in_(WAITING),
            model.next_attempt_at <= now,
            or_(model.leased_until.is_(None), model.leased_until <= now),
        )
        .order_by(model.next_attempt_at)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def _finish(row: Outbox, state: WorkState, now: datetime) -> None:
    row.work_state = state
    row.finished_at = now
    row.leased_until = None
