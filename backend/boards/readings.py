"""Reading who the members of a junta are: for a reason, a few at a time, written down first.

The panel and the exports call it; docs/decisions/0019-padron-in-the-vault.md says why so.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, select, text

from backend.boards.models import JuntaMember, JuntaVecinal
from backend.boards.queries import junta_for, member_stands, unit_of_juntas, unit_of_office
from backend.catalog.models import Catalog
from backend.clock import LIMA, in_lima
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.errors import Conflict, NotFound, wrong_field
from backend.identity.models import AuditEntry, Staff
from backend.identity.services import audit
from backend.vault.members import read_members

# So many at once without a second person's word; the vault's own function knows the number, too.
NAMES_AT_ONCE = 50
# An office calls a meeting or two a day; more looks like copying the roster.
NAMES_PER_DAY = 120
# Both accounts of a comisaría together, and whoever had one of its seats before.
NAMES_PER_DAY_OF_UNIT = 150
READ = "padron_names_read"
# The first of two numbers of an advisory lock; the second is the unit.
READINGS_LOCK = 7_311_003


def read_names(
    ring: KeyRing,
    catalog: Catalog,
    staff: Staff,
    junta_id: UUID,
    *,
    reason: str,
    now: datetime,
    member_ids: Collection[UUID] | None = None,
) -> dict[UUID, dict[str, str]]:
    """Who the members of a junta are, or those asked for, for this once.

    Without `member_ids`: whoever has not left. First the trail is written and committed, then the
    vault is asked, which keeps its own record: names without both cannot be had.
    """
    if reason not in catalog.juntas.lecturas:
        raise wrong_field("motivo", "Elija para qué necesita los nombres.")
    with _alone_in(unit_of_office(staff)):
        with transaction():
            # Asked again: the seat may have been taken away while this one waited.
            unit_id = unit_of_office(staff)
            junta_for(staff, junta_id)
            wanted = _members_asked(junta_id, member_ids, now)
            _refuse_too_many(staff, unit_id, len(wanted), now)
            audit(staff.id, READ, junta=str(junta_id), count=len(wanted), reason=reason)
            staff_id = staff.id
        return read_members(ring, staff_id, unit_id, wanted, reason, junta_id=junta_id)


def names_for_export(
    ring: KeyRing,
    staff: Staff,
    export_id: UUID,
    member_ids: Collection[UUID],
    reason: str,
    now: datetime,
    *,
    is_approved: bool = False,
) -> dict[UUID, dict[str, str]]:
    """Who the members of an export are; many only when a second person approved it.

    The caller checked the export; the vault checks it again. Never inside a transaction.
    """
    wanted = list(dict.fromkeys(member_ids))
    if not wanted:
        return {}
    with _alone_in(unit_of_office(staff)):
        with transaction():
            unit_id = unit_of_office(staff)  # again, as above
            if not is_approved and len(wanted) <= NAMES_AT_ONCE:
                _refuse_past_the_day(staff, unit_id, len(wanted), now)
            about: dict[str, Any] = {"export": str(export_id), "count": len(wanted)}
            about |= {"approved": True} if is_approved else {}
            audit(staff.id, READ, reason=reason, **about)
            staff_id = staff.id
        return read_members(ring, staff_id, unit_id, wanted, reason, export_id=export_id)


def record_list_read(staff: Staff, junta_id: UUID | None = None) -> None:
    """Note that somebody looked at the list of juntas, or at the masked members of one."""
    with transaction():
        unit_of_juntas(staff)
        about: dict[str, Any] = {"junta": str(junta_id)} if junta_id else {}
        audit(staff.id, "padron_list_read", **about)


def names_left(staff: Staff, now: datetime) -> int:
    """How many names this account may still read today."""
    of_unit = NAMES_PER_DAY_OF_UNIT - _read_today_of_unit(unit_of_juntas(staff), now)
    return max(0, min(NAMES_PER_DAY - _read_today(staff.id, now), of_unit))


@contextmanager
def _alone_in(unit_id: int) -> Iterator[None]:
    """Keep the unit's other readings waiting: many at once would all be the last one allowed.

    On a connection of its own, because the limit is counted in the vault's record, which is
    written after the trail has been committed.
    """
    with db.engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(READINGS_LOCK, unit_id)))
        yield


def _members_asked(
    junta_id: UUID, member_ids: Collection[UUID] | None, now: datetime
) -> list[UUID]:
    query = select(JuntaMember.id).join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)
    query = query.where(JuntaMember.junta_id == junta_id).order_by(JuntaMember.position)
    if member_ids is None:
        found = list(db.session.scalars(query.where(member_stands(in_lima(now).date()))))
    else:
        found = list(db.session.scalars(query.where(JuntaMember.id.in_(member_ids))))
    if not found or (member_ids is not None and len(found) < len(set(member_ids))):
        raise NotFound("No hay integrantes que mostrar.")
    return found


def _refuse_too_many(staff: Staff, unit_id: int, count: int, now: datetime) -> None:
    if count > NAMES_AT_ONCE:
        raise Conflict(
            f"Son más de {NAMES_AT_ONCE} nombres: pida una exportación, que aprueba el comisario."
        )
    _refuse_past_the_day(staff, unit_id, count, now)


def _refuse_past_the_day(staff: Staff, unit_id: int, count: int, now: datetime) -> None:
    if _read_today(staff.id, now) + count > NAMES_PER_DAY:
        raise Conflict(
            f"Hoy ya leyó muchos nombres; el máximo de un día es {NAMES_PER_DAY}. {_LATER}"
        )
    if _read_today_of_unit(unit_id, now) + count > NAMES_PER_DAY_OF_UNIT:
        raise Conflict(
            "Hoy ya se leyeron muchos nombres de su comisaría; el máximo de un día, entre todas "
            f"sus cuentas, es {NAMES_PER_DAY_OF_UNIT}. {_LATER}"
        )


_LATER = "Desde mañana puede seguir, o pida una exportación, que aprueba el comisario."


def _read_today(staff_id: int, now: datetime) -> int:
    """What a second person approved does not count."""
    count = cast(AuditEntry.details["count"].astext, Integer)
    query = select(func.coalesce(func.sum(count), 0)).where(
        AuditEntry.at >= _midnight(now),
        AuditEntry.action == READ,
        AuditEntry.staff_id == staff_id,
        count <= NAMES_AT_ONCE,  # more is read only with that approval
        ~AuditEntry.details.has_key("approved"),
    )
    return int(db.session.execute(query).scalar_one())


_OF_UNIT = text("""
    SELECT coalesce(sum(cardinality(r.member_ids)), 0) FROM vault.reading r
    WHERE r.unit_id = :unit_id AND r.at >= :midnight AND NOT EXISTS (
        SELECT FROM padron_export e WHERE e.id = r.export_id AND e.decided_by IS NOT NULL)
""")


def _read_today_of_unit(unit_id: int, now: datetime) -> int:
    """By the vault's own record, which knows of names that any account read."""
    values = {"unit_id": unit_id, "midnight": _midnight(now)}
    return int(db.session.execute(_OF_UNIT, values).scalar_one())


def _midnight(now: datetime) -> datetime:
    return datetime.combine(in_lima(now).date(), time(), LIMA)
