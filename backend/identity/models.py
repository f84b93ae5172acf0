"""Staff accounts, their second factors, and the audit trail."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db import Base
from backend.territory.models import PoliceUnit, one_of


class RoleName(StrEnum):
    """What a member of staff may do; `admin.access` maps routes to these."""

    OPERADOR = "operador"
    COMISARIO = "comisario"
    JEFE_SECTOR = "jefe_sector"
    SUPERVISOR = "supervisor"
    ANALISTA = "analista"
    SECRETARIA_TECNICA = "secretaria_tecnica"
    ADMINISTRADOR = "administrador"
    AUDITOR = "auditor"
    # The comisaría's Oficina de Participación Ciudadana: keeps the roster of its juntas.
    PARTICIPACION_CIUDADANA = "participacion_ciudadana"
    # Loads rosters of the units below its own, and reads none of them.
    CARGADOR_PADRON = "cargador_padron"


CASE_ROLES = frozenset(
    {RoleName.OPERADOR, RoleName.COMISARIO, RoleName.JEFE_SECTOR, RoleName.SUPERVISOR}
)


# Those of the roster, and with which others nobody has them: one checks on the other, or could
# read back what it may only write.
APART = {
    RoleName.PARTICIPACION_CIUDADANA: frozenset(
        {RoleName.COMISARIO, RoleName.ADMINISTRADOR, RoleName.AUDITOR}
    ),
    RoleName.CARGADOR_PADRON: frozenset({RoleName.PARTICIPACION_CIUDADANA, RoleName.COMISARIO}),
}
PADRON_SEATS = 2


class Role(Base, RoleMixin):
    """A row per `RoleName`, because Flask-Security asks for a table."""

    __tablename__ = "role"
    __table_args__ = (CheckConstraint(one_of("name", RoleName), name="name_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]


class StaffRole(Base):
    """Which member of staff has which role."""

    __tablename__ = "staff_role"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)


class Staff(Base, UserMixin):
    """A person who signs in to the panel; column names are Flask-Security's.

    Ours may be null where the mixin's annotations say otherwise, hence the ignores.
    """

    __tablename__ = "staff"
    __table_args__ = (Index("ix_staff_unit", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)  # type: ignore[assignment]
    display_name: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("police_unit.id"))
    password: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(server_default=text("true"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(ARRAY(String))
    )
    last_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # type: ignore[assignment]
    current_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # type: ignore[assignment]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("now()")
    )
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary="staff_role", lazy="joined"
    )
    unit: Mapped[PoliceUnit | None] = relationship(lazy="joined")

    def is_one_of(self, *names: RoleName) -> bool:
        """Whether this member of staff holds any of the roles."""
        return any(role.name in names for role in self.roles)


class PadronSeat(Base):
    """One of a unit's two accounts that read the names of its roster."""

    __tablename__ = "padron_seat"
    __table_args__ = (CheckConstraint(f"seat BETWEEN 1 AND {PADRON_SEATS}", name="seats_per_unit"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"), primary_key=True)
    seat: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)


class AuditEntry(Base):
    """One thing a member of staff read or did; append-only for the application's role."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_staff", "staff_id", "id"),
        Index("ix_audit_entry_report", "report_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str]
    report_id: Mapped[UUID | None]  # no foreign key: the trail outlives what it speaks of
    subject_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
