"""Takes an import back while nobody has built on it; the panel calls it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update

from backend.boards.events import Happened
from backend.boards.models import JuntaEvent, JuntaMember, JuntaTerm, JuntaVecinal
from backend.boards.services import lock_roster
from backend.db import db, transaction
from backend.errors import Conflict
from backend.identity.models import Staff
from backend.identity.services import audit
from backend.padron.applying import BY_TIME_ALONE, imported_events
from backend.padron.models import ImportState, PadronImport
from backend.padron.queries import import_for
from backend.padron.services import forget_name
from backend.territory.models import PoliceUnit
from backend.vault.members import forget_loose_members

UNDOABLE = timedelta(days=30)
UNDONE = Happened.IMPORT_UNDONE.value


@dataclass(frozen=True)
class Reach:
    """What an import brought: the lines that it wrote, its new juntas, its members, and the terms
    of juntas that were there before.
    """

    events: Sequence[JuntaEvent]
    new_juntas: list[UUID]
    members: list[UUID]
    renewals: list[int]


def undo_import(staff: Staff, import_id: UUID, now: datetime) -> None:
    """Remove the juntas, terms, areas and members that an import brought, and who they are."""
    with transaction():
        done = import_for(staff, import_id, lock=True)
        _refuse_late(done, now)
        reach = _reach_of(done)
        in_the_way = _in_the_way(reach)
        if in_the_way:
            raise Conflict(_refusal(done, in_the_way))
        _take_back(done, reach)
        _record(staff, reach, import_id, now)
        done.state = ImportState.UNDONE
        forget_name(done)
        done.undone_at, done.undone_by = now, staff.id
        counts: dict[str, Any] = {"juntas": len(reach.events), "members": len(reach.members)}
        audit(staff.id, "padron_undone", padron_import=str(import_id), **counts)


def undoable_until(done: PadronImport) -> datetime | None:
    """Until when an import may be undone; None when it is not registered."""
    applied = done.state is ImportState.APPLIED and done.applied_at
    return applied + UNDOABLE if applied else None


def _refuse_late(done: PadronImport, now: datetime) -> None:
    until = undoable_until(done)
    if until is None:
        raise Conflict("Esta carga no está registrada: no hay nada que deshacer.")
    if now > until:
        raise Conflict(
            f"Pasaron más de {UNDOABLE.days} días: corrija las juntas una por una en sus fichas."
        )


def _reach_of(done: PadronImport) -> Reach:
    """What there is to take back, with the rosters locked."""
    events = [event for (event,) in imported_events(done)]
    touched = [event.junta_id for event in events]
    units = select(JuntaVecinal.unit_id).where(JuntaVecinal.id.in_(touched)).distinct()
    for unit_id in sorted(db.session.scalars(units)):
        lock_roster(unit_id)
    members = select(JuntaMember.id).where(JuntaMember.import_id == done.id)
    return Reach(
        events,
        [event.junta_id for event in events if event.details["new"]],
        list(db.session.scalars(members)),
        [
            event.details["term"]
            for event in events
            if event.details["term"] and not event.details["new"]
        ],
    )


_BUILT = text("""
SELECT
    (SELECT count(*) FROM coordinator WHERE member_id = ANY (:members)
        OR junta_id = ANY (:juntas)) AS accesses,
    (SELECT count(*) FROM junta_training WHERE member_id = ANY (:members)) AS trainings,
    (SELECT count(*) FROM informe WHERE junta_id = ANY (:juntas))
        + (SELECT count(*) FROM junta_term renewal
            JOIN informe ON informe.junta_id = renewal.junta_id
                AND informe.told_on >= renewal.valid_from
            WHERE renewal.id = ANY (CAST(:renewals AS bigint[]))) AS informes,
    (SELECT count(*) FROM junta_confirmation WHERE junta_id = ANY (:juntas)) AS confirmations,
    (SELECT count(*) FROM padron_export WHERE junta_id = ANY (:juntas)) AS exports,
    (SELECT count(*) FROM junta_member WHERE junta_id = ANY (:juntas)
        AND NOT id = ANY (:members)) AS others,
    (SELECT count(DISTINCT later.junta_id) FROM junta_event later
        JOIN unnest(:touched, CAST(:events AS bigint[]), CAST(:whole AS boolean[]))
            AS mine (junta_id, id, is_whole) ON mine.junta_id = later.junta_id
        WHERE later.id > mine.id AND NOT later.event = ANY (:by_time_alone)
        AND NOT EXISTS (SELECT FROM padron_import undone WHERE undone.state = 'deshecha'
            AND undone.id = CAST(later.details->>'import' AS uuid))
        AND (mine.is_whole OR later.member_id = ANY (:members))) AS changed
""")
BUILT_WORDS = {
    "accesses": "accesos de coordinador",
    "trainings": "capacitaciones",
    "informes": "informes",
    "confirmations": "confirmaciones en el mapa",
    "exports": "exportaciones pedidas",
    "others": "integrantes agregados después",
    "changed": "juntas con cambios posteriores",
}


def _in_the_way(reach: Reach) -> dict[str, int]:
    """What was built on the import, by kind, with its count."""
    values = {
        "members": reach.members,
        "juntas": reach.new_juntas,
        "renewals": reach.renewals,
        "touched": [event.junta_id for event in reach.events],
        "events": [event.id for event in reach.events],
        # Of a junta that was there before, only what concerns what the import brought.
        "whole": [_is_whole(event.details) for event in reach.events],
        "by_time_alone": list(BY_TIME_ALONE),
    }
    row = db.session.execute(_BUILT, values).mappings().one()
    return {kind: count for kind, count in row.items() if count}


def _is_whole(details: dict[str, Any]) -> bool:
    return bool(details["new"] or details["term"] or details["area"])


def _refusal(done: PadronImport, in_the_way: dict[str, int]) -> str:
    if done.is_loader:
        # Who loads learns nothing of what the comisarías do with their juntas.
        return (
            "Ya se trabajó sobre lo que cargó: no se puede deshacer. Pida a las comisarías que "
            "lo corrijan en sus fichas."
        )
    found = ", ".join(f"{BUILT_WORDS[kind]} ({count})" for kind, count in in_the_way.items())
    return (
        f"No se puede deshacer, porque ya se trabajó sobre esta carga: {found}. "
        "Corrija las juntas una por una en sus fichas."
    )


def _take_back(done: PadronImport, reach: Reach) -> None:
    db.session.execute(delete(JuntaMember).where(JuntaMember.import_id == done.id))
    for event in reach.events:
        if not event.details["new"]:
            _take_back_from(event.junta_id, event.details)
    db.session.execute(delete(JuntaVecinal).where(JuntaVecinal.id.in_(reach.new_juntas)))
    forget_loose_members(done.id)


def _take_back_from(junta_id: UUID, details: dict[str, Any]) -> None:
    """The renewal and the area that a registered junta gained."""
    lost: dict[str, Any] = {}
    if details["term"]:
        db.session.execute(delete(JuntaTerm).where(JuntaTerm.id == details["term"]))
        last = select(func.max(JuntaTerm.valid_until)).where(JuntaTerm.junta_id == junta_id)
        lost["valid_until"] = last.scalar_subquery()
    if details["area"]:
        # As of every junta without an area: where its comisaría is.
        of_unit = select(PoliceUnit.ubigeo).where(PoliceUnit.id == JuntaVecinal.unit_id)
        lost |= {"geom": None, "area_source": None, "ubigeo": of_unit.scalar_subquery()}
    if lost:
        mine = update(JuntaVecinal).where(JuntaVecinal.id == junta_id).values(lost)
        db.session.execute(mine.execution_options(synchronize_session=False))


def _record(staff: Staff, reach: Reach, import_id: UUID, now: datetime) -> None:
    lines = [
        {
            "junta_id": event.junta_id,
            "at": now,
            "staff_id": staff.id,
            "event": UNDONE,
            "details": {"import": str(import_id), "members": event.details["members"]},
        }
        for event in reach.events
    ]
    if lines:
        db.session.execute(insert(JuntaEvent), lines)
