"""Whether a coordinator's access is in force on a day, and in words why not; `access` asks it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.boards.models import Coordinator, JuntaMember, JuntaVecinal
from backend.boards.queries import junta_in_force, last_day_of_access, member_active
from backend.clock import in_lima
from backend.db import db
from backend.errors import Forbidden
from backend.territory.models import PoliceUnit

RENEWED = "renovado"


class AccessEnded(Forbidden):
    """Only told to who showed the right secret and PIN, or a session that we signed."""

    title = "Tu acceso terminó"


@dataclass(frozen=True)
class Standing:
    """An access with all that decides whether it is in force, in one row."""

    coordinator_id: UUID
    junta_id: UUID
    member_id: UUID
    valid_until: date
    last_day: date
    enrolled_at: datetime | None
    locked_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str | None
    post: str
    since: date
    until: date | None
    member_ended_on: date | None
    is_member: bool
    junta_name: str
    has_area: bool
    ubigeo: str | None
    junta_until: date
    junta_ended_on: date | None
    is_in_force: bool
    unit_id: int
    unit_name: str | None
    unit_phone: str | None

    def refuse_ended(self, posts: Collection[str], on: date) -> None:
        """Raise `AccessEnded`, with what to do now, unless the access is in force."""
        why = self.why_ended(posts, on)
        if why is None:
            return
        phone = f", teléfono {self.unit_phone}" if self.unit_phone else ""
        raise AccessEnded(
            f"{why} Si no es así, o para renovarlo, acércate a tu comisaría "
            f"({self.unit_name or 'la de tu barrio'}{phone}). "
            "Mientras tanto puedes avisar como cualquier vecino."
        )

    def why_ended(self, posts: Collection[str], on: date) -> str | None:
        """Why it is not in force: the junta's end, else the member's, else its own."""
        return self._why_junta(on) or self._why_member(posts, on) or self._why_access(on)

    def _why_junta(self, on: date) -> str | None:
        if self.is_in_force:
            return None
        if self.junta_ended_on is not None and self.junta_ended_on <= on:
            return f"La junta «{self.junta_name}» se disolvió el {_day(self.junta_ended_on)}."
        if self.junta_until < on:
            return (
                f"El periodo de la junta «{self.junta_name}» terminó el {_day(self.junta_until)}."
            )
        return f"La junta «{self.junta_name}» no está vigente hoy."

    def _why_member(self, posts: Collection[str], on: date) -> str | None:
        if self.is_member:
            is_coordinator = self.post in posts
            return None if is_coordinator else f"Ya no coordinas la junta «{self.junta_name}»."
        if self.member_ended_on is not None and self.member_ended_on <= on:
            gone = _day(self.member_ended_on)
            return f"Desde el {gone} ya no figuras en la junta «{self.junta_name}»."
        if self.until is not None and self.until < on:
            return f"Tu periodo en la junta «{self.junta_name}» terminó el {_day(self.until)}."
        return f"Tu periodo en la junta «{self.junta_name}» empieza el {_day(self.since)}."

    def _why_access(self, on: date) -> str | None:
        if self.revoked_at is not None:
            day = _day(in_lima(self.revoked_at).date())
            if self.revoke_reason == RENEWED:
                return f"El {day} te dieron un acceso nuevo: este ya no sirve."
            return f"Tu comisaría retiró este acceso el {day}."
        if self.locked_at is not None:
            return "Tu acceso se bloqueó por varios PIN equivocados."
        if self.valid_until < on:
            return f"Tu acceso venció el {_day(self.valid_until)}: se renueva en persona."
        return None


def standing_of(coordinator_id: UUID, on: date) -> Standing | None:
    """The access as it stands on a day, by one query; None when there is none of that id."""
    row = db.session.execute(_standing(on).where(Coordinator.id == coordinator_id)).one_or_none()
    return Standing(*row) if row else None


def middle_of(junta_id: UUID) -> tuple[float, float] | None:
    """Latitude and longitude where a map of the junta begins: its area's middle, else its unit."""
    middle = func.coalesce(func.ST_Centroid(JuntaVecinal.geom), PoliceUnit.point)
    row = db.session.execute(
        select(func.ST_Y(middle), func.ST_X(middle))
        .select_from(JuntaVecinal)
        .join(PoliceUnit, PoliceUnit.id == JuntaVecinal.unit_id)
        .where(JuntaVecinal.id == junta_id)
    ).one()
    return (row[0], row[1]) if row[0] is not None else None


def _standing(on: date) -> Select[tuple[object, ...]]:
    columns = (
        *(Coordinator.id, Coordinator.junta_id, Coordinator.member_id, Coordinator.valid_until),
        last_day_of_access(),
        *(Coordinator.enrolled_at, Coordinator.locked_at),
        *(Coordinator.revoked_at, Coordinator.revoke_reason),
        *(JuntaMember.post, JuntaMember.since, JuntaMember.until, JuntaMember.ended_on),
        member_active(on),
        *(JuntaVecinal.name, JuntaVecinal.geom.is_not(None)),
        func.coalesce(JuntaVecinal.ubigeo, PoliceUnit.ubigeo),
        *(JuntaVecinal.valid_until, JuntaVecinal.ended_on, junta_in_force(on)),
        *(PoliceUnit.id, PoliceUnit.name, PoliceUnit.phone),
    )
    return (
        select(*columns)
        .select_from(Coordinator)
        .join(JuntaMember, JuntaMember.id == Coordinator.member_id)
        .join(JuntaVecinal, JuntaVecinal.id == Coordinator.junta_id)
        .join(PoliceUnit, PoliceUnit.id == JuntaVecinal.unit_id)
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
