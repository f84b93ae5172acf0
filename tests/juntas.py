"""Builders of juntas: an account of the office, a junta in force, its members."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import func, select

from backend import clock
from backend.boards.models import JuntaMember, JuntaTerm, JuntaVecinal
from backend.db import db, transaction
from backend.identity.models import PadronSeat, Staff
from backend.padron.models import PadronExport
from backend.territory.models import PoliceUnit
from backend.territory.queries import today
from backend.vault.members import seal_members
from backend.vault.models import NewMember
from tests.builders import a_member_of_staff


def an_office_account(unit: PoliceUnit, username: str = "juntas.prueba") -> Staff:
    """An account of the unit's Oficina de Participación Ciudadana, with its seat."""
    staff = a_member_of_staff(username, "participacion_ciudadana", unit)
    with transaction():
        taken = select(func.count()).where(PadronSeat.unit_id == unit.id)
        seat = (db.session.scalar(taken) or 0) + 1
        db.session.add(PadronSeat(unit_id=unit.id, seat=seat, staff_id=staff.id))
    return staff


def a_box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle, as GeoJSON has it."""
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


# A block inside `tests.builders.WEST`.
BLOCK = (-77.132, -12.062, -77.128, -12.058)


def a_junta(
    unit: PoliceUnit,
    code: str = "JV-001",
    *,
    since: date | None = None,
    until: date | None = None,
    box: tuple[float, float, float, float] | None = BLOCK,
    **columns: Any,
) -> JuntaVecinal:
    """A junta of the unit, in force for half a year and a year and a half more, committed."""
    since = since or today() - timedelta(days=180)
    until = until or today() + timedelta(days=550)
    junta = JuntaVecinal(
        id=columns.pop("id", None) or uuid4(),
        unit_id=unit.id,
        code=code,
        name=columns.pop("name", f"Junta {code}"),
        scope=columns.pop("scope", "manzana"),
        ubigeo=columns.pop("ubigeo", unit.ubigeo),
        geom=func.ST_Multi(func.ST_MakeEnvelope(*box, 4326)) if box else None,
        area_source="dibujada" if box else None,
        valid_until=until,
        created_at=columns.pop("created_at", clock.now()),
        **columns,
    )
    term = JuntaTerm(
        junta_id=junta.id,
        act=f"Acta {code}",
        recognised_on=since,
        valid_from=since,
        valid_until=until,
        recorded_at=clock.now(),
    )
    with transaction():
        db.session.add(junta)
        db.session.flush()
        db.session.add(term)
    return junta


def an_identity(number: str = "40123456", **changes: str) -> dict[str, str]:
    """Who somebody is, as an officer types it; nobody is called so."""
    return {
        "nombres": "Persona",
        "apellido_paterno": "Inventada",
        "apellido_materno": "Vecina",
        "celular": "",
        "tipo_documento": "dni",
        "numero_documento": number,
        **changes,
    }


def a_member(
    junta: JuntaVecinal,
    post: str = "integrante",
    *,
    identity: Mapping[str, str] | None = None,
    sex: str = "mujer",
    since: date | None = None,
    until: date | None = None,
    **columns: Any,
) -> JuntaMember:
    """A member of the junta with who it is in the vault, committed."""
    member_id: UUID = columns.pop("id", None) or uuid4()
    number = str(member_id.int)[:8].zfill(8)
    ring = current_app.extensions["yo_alerto"].settings.keys
    who = NewMember(member_id, identity or an_identity(number))
    junta_id, unit_id = junta.id, junta.unit_id
    with transaction():
        last = select(func.max(JuntaMember.position)).where(JuntaMember.junta_id == junta_id)
        member = JuntaMember(
            id=member_id,
            junta_id=junta_id,
            position=(db.session.scalar(last) or 0) + 1,
            post=post,
            sex=sex,
            since=since or today() - timedelta(days=180),
            until=until,
            designated_by=columns.pop("designated_by", "comisario"),
            created_at=columns.pop("created_at", clock.now()),
            **columns,
        )
        seal_members(unit_id, [who], ring, clock.now())
        db.session.add(member)
    return member


def an_export(
    staff: Staff, rows: int, *, approved_by: int | None = None, state: str | None = None
) -> UUID:
    """An export that an office asked for; approved, unless it is still waiting, committed."""
    export = PadronExport(
        id=uuid4(),
        unit_id=staff.unit_id,
        format="xlsx",
        reason="reunion",
        rows=rows,
        state=state or ("aprobada" if approved_by else "pedida"),
        asked_at=clock.now(),
        asked_by=staff.id,
        decided_at=clock.now() if approved_by else None,
        decided_by=approved_by,
    )
    with transaction():
        db.session.add(export)
    return export.id
