"""A report, its history, thread, pending steps, and the keys it was sent with."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import to_shape
from shapely import Point
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db import Base, Word
from backend.outbox import Outbox, WorkState
from backend.reports.states import UNSEEN_STATES, Moderation, State, Verification
from backend.territory.models import WGS84, PoliceUnit, one_of

MAX_DESCRIPTION = 2000
# The account of a denuncia or a queja, which is told once and whole.
MAX_ACCOUNT = 4000
MAX_MESSAGE = 1000


class Kind(StrEnum):
    """The kinds of report, which differ in law, queue and visibility."""

    ALERTA = "alerta"
    FACTOR_DE_RIESGO = "factor_de_riesgo"
    DENUNCIA = "denuncia"
    QUEJA = "queja"


# Accounts of a past fact, with a form, a term and, for a denuncia, an identity in the vault.
FORMAL_KINDS = frozenset({Kind.DENUNCIA, Kind.QUEJA})


class PlaceSource(StrEnum):
    """How the author said where it is."""

    GPS = "gps"
    MAPA = "mapa"
    CELDA = "celda"
    REFERENCIA = "referencia"


class Step(StrEnum):
    """Steps of the journey that workers take on a whole report."""

    MODERATE = "moderate"
    FEED_RISK_MAP = "feed_risk_map"


class MessageAuthor(StrEnum):
    """Who wrote a message of the thread."""

    CITIZEN = "ciudadano"
    UNIT = "comisaria"


INSTANT = DateTime(timezone=True)


class Report(Base):
    """What a citizen sent, and where it stands. It never refers to who or what sent it."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), name="kind_known"),
        CheckConstraint(one_of("state", State), name="state_known"),
        CheckConstraint(one_of("moderation", Moderation), name="moderation_known"),
        CheckConstraint(one_of("verification", Verification), name="verification_known"),
        CheckConstraint(one_of("place_source", PlaceSource), name="place_source_known"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority_range"),
        CheckConstraint("NOT is_sensible OR point IS NULL", name="sensible_without_point"),
        CheckConstraint(
            "point IS NOT NULL OR place_source IN ('celda', 'referencia')", name="point_if_located"
        ),
        # The complained-of must not find out where its author stands, whatever the catalogue says.
        CheckConstraint("kind <> 'queja' OR is_sensible", name="queja_is_sensible"),
        CheckConstraint("NOT is_reserved OR point IS NULL", name="reserved_without_point"),
        CheckConstraint(
            "NOT is_reserved OR kind IN ('denuncia', 'queja')", name="reserved_is_formal"
        ),
        # That a junta told of it would point to the few who could have.
        CheckConstraint("NOT (from_junta AND is_sensible)", name="sensible_from_nobody"),
        CheckConstraint(f"length(description) <= {MAX_ACCOUNT}", name="description_length"),
        CheckConstraint(
            "(verification = 'unverified') = (verified_at IS NULL)", name="verified_has_time"
        ),
        Index("ix_report_desk", "unit_id", "state", "priority", "received_at"),
        Index("ix_report_unit_updated", "unit_id", "updated_at"),
        Index(
            "ix_report_sector",
            "sector_id",
            "updated_at",
            postgresql_where=text("sector_id IS NOT NULL"),
        ),
        Index(
            "ix_report_escalated",
            "escalated_unit_id",
            "updated_at",
            postgresql_where=text("escalated_unit_id IS NOT NULL"),
        ),
        Index(
            "ix_report_acknowledge_by",
            "acknowledge_by",
            postgresql_where=text("acknowledge_by IS NOT NULL"),
        ),
        Index(
            "ix_report_review",
            "unit_id",
            "held_until",
            postgresql_where=text("moderation = 'held'"),
        ),
        Index("ix_report_held", "held_until", postgresql_where=text("held_until IS NOT NULL")),
        Index(
            "ix_report_answer_by",
            "unit_id",
            "answer_by",
            postgresql_where=text("answer_by IS NOT NULL"),
        ),
        Index("ix_report_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("ix_report_point", "point", postgresql_using="gist"),
        Index("ix_report_received", "received_at"),
        Index(
            "ix_report_description_hash",
            "description_hash",
            "received_at",
            postgresql_where=text("description_hash IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    numero: Mapped[str] = mapped_column(String(14), unique=True)
    clave_key_version: Mapped[int] = mapped_column(SmallInteger)
    clave_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))

    kind: Mapped[Kind] = mapped_column(Word(Kind))
    categoria: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    is_sensible: Mapped[bool]
    is_reserved: Mapped[bool] = mapped_column(server_default=text("false"))
    is_ongoing: Mapped[bool]
    # A junta vecinal told of it; which one, only `informe` knows.
    from_junta: Mapped[bool] = mapped_column(server_default=text("false"))
    description: Mapped[str] = mapped_column(server_default=text("''"))
    description_hash: Mapped[bytes | None] = mapped_column(LargeBinary)

    place_source: Mapped[PlaceSource] = mapped_column(Word(PlaceSource))
    point: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))
    accuracy_m: Mapped[float | None]
    cell: Mapped[str | None] = mapped_column(String(15))
    ubigeo: Mapped[str | None] = mapped_column(String(6))
    reference: Mapped[str] = mapped_column(server_default=text("''"))

    occurred_at: Mapped[datetime | None] = mapped_column(INSTANT)
    received_at: Mapped[datetime] = mapped_column(INSTANT)
    updated_at: Mapped[datetime] = mapped_column(INSTANT)

    state: Mapped[State] = mapped_column(Word(State), server_default=text("'received'"))
    moderation: Mapped[Moderation] = mapped_column(
        Word(Moderation), server_default=text("'pending'")
    )
    verification: Mapped[Verification] = mapped_column(
        Word(Verification), server_default=text("'unverified'")
    )
    flags: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    nuisance: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    held_until: Mapped[datetime | None] = mapped_column(INSTANT)

    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    routing_rule: Mapped[str]
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdiction.id"))
    border_distance_m: Mapped[float | None]
    handovers: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    sector_id: Mapped[int | None] = mapped_column(ForeignKey("police_unit.id"))

    acknowledge_by: Mapped[datetime | None] = mapped_column(INSTANT)
    acknowledged_at: Mapped[datetime | None] = mapped_column(INSTANT)
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    escalated_unit_id: Mapped[int | None] = mapped_column(ForeignKey("police_unit.id"))

    # The last working day on which the author may expect an answer, and when the unit is reminded.
    answer_by: Mapped[date | None]
    remind_at: Mapped[datetime | None] = mapped_column(INSTANT)

    verification_way: Mapped[str | None]
    verified_at: Mapped[datetime | None] = mapped_column(INSTANT)
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    contested_at: Mapped[datetime | None] = mapped_column(INSTANT)

    unit: Mapped[PoliceUnit] = relationship(foreign_keys=[unit_id], lazy="raise_on_sql")
    history: Mapped[list["HistoryEntry"]] = relationship(
        order_by="HistoryEntry.id", lazy="raise_on_sql"
    )

    @property
    def is_urgent(self) -> bool:
        """Priority 1: forwarded at once, moderated afterwards."""
        return self.priority == 1

    @property
    def lat_lon(self) -> tuple[float, float]:
        """Latitude and longitude of the point; only for a report that has one."""
        point = cast(Point, to_shape(cast(WKBElement, self.point)))
        return point.y, point.x

    @property
    def is_seen(self) -> bool:
        """Whether a person of the police has taken note of it."""
        return self.acknowledged_at is not None and self.state not in UNSEEN_STATES

    def history_entry(
        self, at: datetime, event: str, staff_id: int | None, details: dict[str, Any]
    ) -> "HistoryEntry":
        """An entry for the history in the present state and unit, not yet in any session."""
        return HistoryEntry(
            report_id=self.id,
            at=at,
            event=event,
            state=self.state,
            unit_id=self.unit_id,
            staff_id=staff_id,
            details=details,
        )


class HistoryEntry(Base):
    """One step of a report's life; appended, never edited."""

    __tablename__ = "history_entry"
    __table_args__ = (
        CheckConstraint(one_of("state", State), name="state_known"),
        Index("ix_history_entry_report", "report_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    at: Mapped[datetime] = mapped_column(INSTANT)
    event: Mapped[str]
    state: Mapped[State] = mapped_column(Word(State))
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Message(Base):
    """A message between the author and the unit; appended, never edited."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(one_of("author", MessageAuthor), name="author_known"),
        CheckConstraint("(author = 'comisaria') = (staff_id IS NOT NULL)", name="unit_has_staff"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {MAX_MESSAGE}", name="text_length"),
        Index("ix_message_report", "report_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    at: Mapped[datetime] = mapped_column(INSTANT)
    author: Mapped[MessageAuthor] = mapped_column(Word(MessageAuthor))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str]


class ReportTask(Outbox, Base):
    """A step that workers owe a report; `step` and report together are the work's identity."""

    __tablename__ = "report_task"
    __table_args__ = (
        CheckConstraint(one_of("step", Step), name="step_known"),
        CheckConstraint(one_of("work_state", WorkState), name="work_state_known"),
        Index(
            "ix_report_task_due",
            "next_attempt_at",
            postgresql_where=text("work_state IN ('pending', 'no_answer')"),
        ),
        Index("ix_report_task_failed", "report_id", postgresql_where=text("work_state = 'failed'")),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    step: Mapped[Step] = mapped_column(Word(Step), primary_key=True)
    queue: Mapped[str]


class IdempotencyRecord(Base):
    """Remembers for seven days which report answered a credential's Idempotency-Key.

    The key is a keyed hash of credential and client's UUID together: without the UUID, which
    only the phone knows, nobody can go from a credential to its reports.
    """

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("ix_idempotency_record_created", "created_at"),)

    key_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    # The key is claimed first and the report inserted after it, in the same transaction.
    report_id: Mapped[UUID] = mapped_column(
        ForeignKey("report.id", deferrable=True, initially="DEFERRED")
    )
    created_at: Mapped[datetime] = mapped_column(INSTANT)
