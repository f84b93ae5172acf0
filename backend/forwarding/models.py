"""Deliveries (`Envio`), the channels that a unit has chosen, and what travels between steps."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.outbox import Outbox, WorkState
from backend.reports.models import Kind
from backend.territory.models import one_of


class Channel(StrEnum):
    """How a report reaches a unit. The desk is always one of them."""

    DESK = "mesa"
    EMAIL = "correo"
    WEBHOOK = "webhook"


class Purpose(StrEnum):
    """Why it is sent: to act on it, because the unit below was silent, or an answer falls due."""

    DELIVERY = "entrega"
    ESCALATION = "escalamiento"
    REMINDER = "recordatorio"


class UnitChannel(Base):
    """A channel besides the desk that a unit has chosen, with its address and secret."""

    __tablename__ = "unit_channel"
    __table_args__ = (
        CheckConstraint("kind IN ('correo', 'webhook')", name="kind_known"),
        CheckConstraint("(kind = 'webhook') = (sealed_secret IS NOT NULL)", name="webhook_secret"),
        UniqueConstraint("unit_id", "kind", "address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    kind: Mapped[Channel] = mapped_column(Word(Channel))
    address: Mapped[str]
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_key_version: Mapped[int | None] = mapped_column(SmallInteger)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )

    @property
    def destination(self) -> "Destination":
        """The channel as it is now, to be used after the transaction."""
        return Destination(
            self.id, self.address, self.active, self.sealed_secret, self.secret_key_version
        )


class Envio(Outbox, Base):
    """One delivery of one report to one destination; its id is the idempotency key outside."""

    __tablename__ = "envio"
    __table_args__ = (
        CheckConstraint(one_of("channel", Channel), name="channel_known"),
        CheckConstraint(one_of("purpose", Purpose), name="purpose_known"),
        CheckConstraint(one_of("work_state", WorkState), name="work_state_known"),
        CheckConstraint(
            "(channel = 'mesa') = (unit_channel_id IS NULL)", name="outside_has_unit_channel"
        ),
        UniqueConstraint(
            "report_id",
            "handover",
            "unit_id",
            "purpose",
            "unit_channel_id",
            name="uq_envio_destination",
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "ix_envio_due",
            "next_attempt_at",
            postgresql_where=text("work_state IN ('pending', 'no_answer')"),
        ),
        Index("ix_envio_failed", "unit_id", postgresql_where=text("work_state = 'failed'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    handover: Mapped[int] = mapped_column(SmallInteger)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    channel: Mapped[Channel] = mapped_column(Word(Channel))
    purpose: Mapped[Purpose] = mapped_column(Word(Purpose))
    unit_channel_id: Mapped[int | None] = mapped_column(ForeignKey("unit_channel.id"))
    queue: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Outcome(StrEnum):
    """How an attempt ended. Without an answer nobody knows whether it arrived: sent again."""

    DELIVERED = "delivered"
    RETRY = "retry"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


@dataclass(frozen=True)
class SendResult:
    """What an attempt came to; `error` is shown to staff and never quotes the other side."""

    outcome: Outcome
    error: str = ""
    retry_after_seconds: int = 0


@dataclass(frozen=True)
class Notice:
    """All that a message outside may say of a report. A reserved one has no kind or district."""

    report_id: UUID
    numero: str
    priority: int
    kind: Kind | None
    district: str | None
    ubigeo: str | None


@dataclass(frozen=True)
class Destination:
    """A unit's channel as it was when the delivery was claimed."""

    channel_id: int
    address: str
    is_active: bool
    sealed_secret: bytes | None = field(repr=False)
    secret_key_version: int | None


@dataclass(frozen=True)
class NewChannel:
    """A channel just added; a webhook's secret is shown this once and never again."""

    id: int
    secret: str | None = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """A claimed Envio with everything needed to send it once its transaction is over.

    `leased_until` tells our claim from a later one. The desk needs no notice or destination.
    """

    envio_id: UUID
    channel: Channel
    purpose: Purpose
    created_at: datetime
    leased_until: datetime | None
    notice: Notice | None = None
    destination: Destination | None = None
