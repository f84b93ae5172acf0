"""Writing a report's rows; every function works inside the journey's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.db import Base, db
from backend.outbox import WorkState
from backend.reports.audience import ComplaintBar, DeskHeartbeat, Glimpse, GlimpseReason
from backend.reports.bars import Bar
from backend.reports.models import (
    IdempotencyRecord,
    Message,
    MessageAuthor,
    PlaceSource,
    Report,
    ReportTask,
    Step,
)

IDEMPOTENCY_KEPT = timedelta(days=7)
HEARTBEAT_EVERY = timedelta(seconds=15)


@dataclass(frozen=True)
class Place:
    """Where the author says it is: a point, a cell, or words; never a point when sensible."""

    source: PlaceSource
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    cell: str | None = None
    ubigeo: str | None = None
    reference: str = ""

    @property
    def point_wkt(self) -> str | None:
        """The point as PostGIS reads it, or None."""
        if self.lat is None or self.lon is None:
            return None
        return f"SRID=4326;POINT({self.lon} {self.lat})"


# Core statements made once: these run while a phone waits, and building them costs as much as
# running them.
_TABLES = Base.metadata.tables
_CLAIM_KEY = (
    upsert(_TABLES["idempotency_record"])
    .on_conflict_do_nothing()
    .returning(IdempotencyRecord.report_id)
)
_REPORT_COLUMNS = [
    "id",
    "numero",
    "clave_key_version",
    "kind",
    "categoria",
    "priority",
    "is_sensible",
    "is_reserved",
    "is_ongoing",
    "from_junta",
    "description",
    "description_hash",
    "place_source",
    "point",
    "accuracy_m",
    "cell",
    "ubigeo",
    "reference",
    "occurred_at",
    "received_at",
    "updated_at",
    "flags",
    "unit_id",
    "routing_rule",
    "jurisdiction_id",
    "border_distance_m",
    "acknowledge_by",
    "held_until",
    "answer_by",
    "remind_at",
]
_VALUES = ", ".join(f":{name}" for name in _REPORT_COLUMNS)
# One statement, one round trip: the report, the first entry of its history, its first step.
_INSERT_REPORT = text(f"""
WITH inserted AS (INSERT INTO report ({", ".join(_REPORT_COLUMNS)}) VALUES ({_VALUES})),
noted AS (
    INSERT INTO history_entry (report_id, at, event, state, unit_id, details)
    VALUES (:id, :received_at, 'received', 'received', :unit_id,
            jsonb_build_object('rule', :routing_rule, 'flags', to_jsonb(:flags)))
)
INSERT INTO report_task (report_id, step, queue, next_attempt_at)
VALUES (:id, :first_step, :queue, :received_at)
""")  # noqa: S608  # column names from the constant above


def remember_idempotency(
    key_hash: bytes, content_hash: bytes, report_id: UUID, now: datetime
) -> IdempotencyRecord | None:
    """Claim the key for this report; the earlier record instead when it was used before.

    Waits for a rival that is submitting with the same key at this moment.
    """
    row = {
        "key_hash": key_hash,
        "content_hash": content_hash,
        "report_id": report_id,
        "created_at": now,
    }
    claimed = db.session.connection().execute(_CLAIM_KEY, row).first()
    return None if claimed else db.session.get(IdempotencyRecord, key_hash)


def insert_report(values: dict[str, Any], first_step: Step, queue: str) -> None:
    """Insert the report, the first entry of its history, and the step that workers owe it.

    `values` has every name of `_REPORT_COLUMNS`; words are plain strings.
    """
    more = {"first_step": first_step.value, "queue": queue}
    db.session.connection().execute(_INSERT_REPORT, values | more)


def owe(report_id: UUID, step: Step, queue: str, now: datetime) -> None:
    """Write down that workers owe the report this step (again)."""
    again = {
        "work_state": WorkState.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "leased_until": None,
        "finished_at": None,
    }
    db.session.execute(
        upsert(ReportTask)
        .values(report_id=report_id, step=step, queue=queue, next_attempt_at=now)
        .on_conflict_do_update(index_elements=["report_id", "step"], set_=again)
    )


def keep_from(report_id: UUID, bars: Iterable[Bar]) -> None:
    """Write down who must never learn of this queja, in the transaction that stores it."""
    rows = [{"report_id": report_id, **bar._asdict()} for bar in sorted(bars)]
    if rows:
        db.session.execute(insert(ComplaintBar), rows)


def let_glimpse(
    report_id: UUID, unit_ids: Sequence[int], reason: GlimpseReason, now: datetime
) -> None:
    """Let other units glimpse the report; a former owner's reason replaces a neighbour's."""
    if not unit_ids:
        return
    rows = [
        {"report_id": report_id, "unit_id": unit_id, "reason": reason, "since": now}
        for unit_id in unit_ids
    ]
    statement = upsert(Glimpse).values(rows)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["report_id", "unit_id"],
            set_={"reason": statement.excluded.reason, "since": statement.excluded.since},
        )
    )


def end_glimpse(report_id: UUID, unit_id: int) -> None:
    """Whoever owns the report sees all of it, so a glimpse would only show it twice."""
    db.session.execute(
        delete(Glimpse).where(Glimpse.report_id == report_id, Glimpse.unit_id == unit_id)
    )


def add_message(
    report: Report, author: MessageAuthor, text: str, now: datetime, staff_id: int | None = None
) -> Message:
    """Append to the thread between author and unit."""
    message = Message(report_id=report.id, at=now, author=author, text=text, staff_id=staff_id)
    db.session.add(message)
    report.updated_at = now
    return message


def beat(unit_id: int, now: datetime) -> None:
    """Note that the unit's desk is open; writes at most every fifteen seconds."""
    statement = upsert(DeskHeartbeat).values(unit_id=unit_id, seen_at=now)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["unit_id"],
            set_={"seen_at": now},
            where=DeskHeartbeat.seen_at < now - HEARTBEAT_EVERY,
        )
    )


def forget_idempotency(now: datetime) -> int:
    """Delete records older than seven days; returns how many."""
    old = delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now - IDEMPOTENCY_KEPT)
    return len(db.session.execute(old.returning(IdempotencyRecord.created_at)).all())
