"""A junta vecinal, its terms, members, trainings and history, and its coordinator's access.

Names, documents and phones are in the vault (`vault.member`, under the same id); here stands only
what is counted. Days are Lima's; the last day of a period belongs to it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
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
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.territory.models import WGS84, one_of

INSTANT = DateTime(timezone=True)
TERM_YEARS = 2
MAX_NAME = 120
MAX_ACT = 120


class Sex(StrEnum):
    """As the national register counts members."""

    MUJER = "mujer"
    HOMBRE = "hombre"


class AreaSource(StrEnum):
    """How the area came in."""

    DRAWN = "dibujada"
    IMPORTED = "importada"


class JuntaVecinal(Base):
    """A board of neighbours that a comisaría recognised, and the area that it watches.

    `code` is the comisaría's own, unique inside it. `valid_until` is the last day of the latest
    term, kept here because every list orders by it.
    """

    __tablename__ = "junta_vecinal"
    __table_args__ = (
        CheckConstraint(f"length(name) BETWEEN 1 AND {MAX_NAME}", name="name_length"),
        CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9./-]{0,29}$'", name="code_form"),
        CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("(geom IS NULL) = (area_source IS NULL)", name="area_has_source"),
        CheckConstraint(
            f"area_source IS NULL OR {one_of('area_source', AreaSource)}", name="area_source_known"
        ),
        UniqueConstraint("unit_id", "code"),
        Index("ix_junta_vecinal_unit_until", "unit_id", "valid_until", "code"),
        Index(
            "ix_junta_vecinal_import", "import_id", postgresql_where=text("import_id IS NOT NULL")
        ),
        Index("ix_junta_vecinal_geom", "geom", postgresql_using="gist"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str]
    scope: Mapped[str]  # a code of `catalog.juntas.ambitos`
    ubigeo: Mapped[str | None] = mapped_column(String(6))
    geom: Mapped[Any | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=WGS84, spatial_index=False)
    )
    area_source: Mapped[AreaSource | None] = mapped_column(Word(AreaSource))
    valid_until: Mapped[date]
    # The first day on which it is dissolved, and a code of `catalog.juntas.disoluciones`.
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("padron_import.id"))


class JuntaTerm(Base):
    """A period for which the comisaría recognised the junta, by which act; renewals add one."""

    __tablename__ = "junta_term"
    __table_args__ = (
        CheckConstraint("valid_until >= valid_from", name="valid_period"),
        CheckConstraint(f"length(act) BETWEEN 1 AND {MAX_ACT}", name="act_length"),
        # That terms do not overlap, `services` checks with the junta's row locked.
        UniqueConstraint("junta_id", "valid_from"),
        Index("ix_junta_term_from", "valid_from"),  # the first year of the proof
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    junta_id: Mapped[UUID] = mapped_column(ForeignKey("junta_vecinal.id", ondelete="CASCADE"))
    act: Mapped[str]  # the recognition act, as it is numbered
    recognised_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(INSTANT)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class JuntaMember(Base):
    """Somebody's time in a junta. Who it is stands in `vault.member`, under the same id."""

    __tablename__ = "junta_member"
    __table_args__ = (
        CheckConstraint(one_of("sex", Sex), name="sex_known"),
        CheckConstraint("until IS NULL OR until >= since", name="valid_period"),
        CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        UniqueConstraint("junta_id", "position"),
        Index(
            "ix_junta_member_import", "import_id", postgresql_where=text("import_id IS NOT NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    junta_id: Mapped[UUID] = mapped_column(ForeignKey("junta_vecinal.id", ondelete="CASCADE"))
    # "Miembro 3" on every screen; never used again in the same junta.
    position: Mapped[int] = mapped_column(SmallInteger)
    post: Mapped[str]  # a code of `catalog.juntas.cargos`
    sex: Mapped[Sex] = mapped_column(Word(Sex))
    since: Mapped[date]
    # The last day that was agreed on; without one, as long as the junta is in force.
    until: Mapped[date | None]
    designated_by: Mapped[str]  # a code of `catalog.juntas.designaciones`
    # The first day on which they belong no more, and a code of `catalog.juntas.bajas`.
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None]
    # A registry loader may not learn who is known already; the unit looks into it afterwards.
    is_repeated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("padron_import.id"))


class JuntaTraining(Base):
    """A training that a member received."""

    __tablename__ = "junta_training"
    __table_args__ = (Index("ix_junta_training_member", "member_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("junta_member.id", ondelete="CASCADE"))
    topic: Mapped[str]  # a code of `catalog.juntas.capacitaciones`
    held_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(INSTANT)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class JuntaEvent(Base):
    """One step of a junta's life; appended, never edited. Codes, ids and days, never names."""

    __tablename__ = "junta_event"
    __table_args__ = (Index("ix_junta_event_junta", "junta_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    junta_id: Mapped[UUID]  # no foreign keys: the history outlives an import that was undone
    member_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(INSTANT)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    event: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Coordinator(Base):
    """The access of a junta's coordinator from one phone, made in person at the comisaría.

    First an enrolment that a QR carries for some minutes, then the phone's secret and a PIN; of
    each only a hash is kept. A revoked or replaced access stays as history.
    """

    __tablename__ = "coordinator"
    __table_args__ = (
        CheckConstraint("(enrol_hash IS NULL) = (enrol_until IS NULL)", name="enrolment_has_end"),
        CheckConstraint(
            "num_nonnulls(secret_hash, pin_hash, enrolled_at) IN (0, 3)", name="enrolled_whole"
        ),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_has_reason"
        ),
        CheckConstraint("wrong_pins >= 0", name="wrong_pins_counted"),
        Index(
            "uq_coordinator_member",
            "member_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_coordinator_junta", "junta_id", "created_at"),
        # To undo an import, each of its members is looked up here.
        Index("ix_coordinator_member", "member_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    junta_id: Mapped[UUID] = mapped_column(ForeignKey("junta_vecinal.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("junta_member.id"))
    enrol_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    enrol_until: Mapped[datetime | None] = mapped_column(INSTANT)
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    pin_hash: Mapped[str | None]
    enrolled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    valid_until: Mapped[date]
    wrong_pins: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    locked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    revoke_reason: Mapped[str | None]  # a code of `catalog.juntas.revocaciones`
