"""Deliveries (`Envio`) and the channels that a unit has chosen."""

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
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base
from backend.outbox import Outbox, WorkState
from backend.territory.models import one_of


class Channel(StrEnum):
    """How a report reaches a unit. The desk is always one of them."""

    DESK = "mesa"
    EMAIL = "correo"
    WEBHOOK = "webhook"


class Purpose(StrEnum):
    """Why it is sent: to act on it, or because the unit below has not acknowledged it."""

    DELIVERY = "entrega"
    ESCALATION = "escalamiento"


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
    kind: Mapped[Channel] = mapped_column(String)
    address: Mapped[str]
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_key_version: Mapped[int | None] = mapped_column(SmallInteger)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
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
    channel: Mapped[Channel] = mapped_column(String)
    purpose: Mapped[Purpose] = mapped_column(String)
    unit_channel_id: Mapped[int | None] = mapped_column(ForeignKey("unit_channel.id"))
    queue: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
