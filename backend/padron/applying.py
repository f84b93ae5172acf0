"""Registers a checked import, all of it or its right rows, and undoes one; the panel calls it.

One transaction each, whatever the size: a roster is never half there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, or_, select, text, update

from backend.boards.events import Happened
from backend.boards.models import AreaSource, JuntaEvent, JuntaMember, JuntaTerm, JuntaVecinal
from backend.boards.services import lock_roster
from backend.clock import in_lima
from backend.db import db, transaction
from backend.errors import Conflict
from backend.identity.models import Staff
from backend.identity.services import audit
from backend.padron.models import ImportState, PadronImport, PadronRow
from backend.padron.queries import import_for
from backend.padron.services import forget_name
from backend.padron.standing import Key, KnownJunta, registered_in

IMPORTED = Happened.IMPORTED.value
# Lines that the clock writes into a junta's history: nobody worked on it.
BY_TIME_ALONE = (Happened.EXPIRES_IN_60.value, Happened.EXPIRES_IN_15.value)
# What a file says nothing of.
OF_ACCESS = tuple(one.value for one in Happened if one.value.startswith("access_"))


@dataclass
class Touched:
    """What an import does to one junta."""

    key: Key
    junta_id: UUID
    is_new: bool
    term_id: int | None = None
    has_area: bool = False
    members: int = 0


def apply_import(staff: Staff, import_id: UUID, *, only_right: bool, now: datetime) -> None:
    """Register the juntas, terms and members of a checked import.

    Unless `only_right`, all or nothing: refused while any cell is wrong.
    """
    with transaction():
        checked = import_for(staff, import_id, lock=True)
        _refuse_unready(checked, only_right)
        groups = _groups(import_id)
        for unit_id in sorted({unit_id for unit_id, _ in groups}):
            lock_roster(unit_id)
        _refuse_lapsed(import_id, in_lima(now).date())
        if checked.is_loader:
            _refuse_loaded_since(checked, {unit_id for unit_id, _ in groups})
        else:
            _refuse_changed(checked)
        touched = _register(checked, staff, groups, now)
        _add_members(checked, staff, touched, now)
        _record(checked, staff, touched, now)
        db.session.execute(delete(PadronRow).where(PadronRow.import_id == import_id))
        checked.state = ImportState.APPLIED
        forget_name(checked)
        checked.applied_at, checked.applied_by = now, staff.id
        counts: dict[str, Any] = {
            "juntas": len(touched),
            "members": sum(one.members for one in touched),
        }
        audit(staff.id, "padron_imported", padron_import=str(import_id), **counts)


def _refuse_unready(checked: PadronImport, only_right: bool) -> None:
    if checked.state is not ImportState.CHECKED:
        raise Conflict("Esta carga no está por registrar: quizá ya se registró o se descartó.")
    if checked.rows_right == 0:
        raise Conflict("Ninguna fila está correcta. Corrija el archivo y súbalo otra vez.")
    if checked.rows_right < checked.rows_total and not only_right:
        raise Conflict("Hay celdas por corregir: corríjalas, o registre solo las filas correctas.")


def _refuse_changed(checked: PadronImport) -> None:
    """What was compared with the unit's roster must still be so."""
    changed = (
        select(JuntaEvent.id)
        .join(JuntaVecinal, JuntaVecinal.id == JuntaEvent.junta_id)
        .where(JuntaVecinal.unit_id == checked.unit_id, JuntaEvent.at >= checked.checked_at)
        .where(JuntaEvent.event.not_in((*BY_TIME_ALONE, *OF_ACCESS)))
        .limit(1)
    )
    if db.session.scalar(changed) is not None:
        raise Conflict(
            "El padrón de su comisaría cambió después de revisar este archivo. "
            "Súbalo otra vez para compararlo con lo que hay ahora."
        )


def _refuse_loaded_since(checked: PadronImport, unit_ids: Collection[int]) -> None:
    """Whom the same loader registered since the check would come in again, and unmarked.

    It tells them of their own work alone.
    """
    loaded = (
        select(JuntaMember.id)
        .join(PadronImport, PadronImport.id == JuntaMember.import_id)
        .join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)
        .where(PadronImport.staff_id == checked.staff_id, PadronImport.is_loader)
        .where(PadronImport.applied_at >= checked.checked_at, JuntaVecinal.unit_id.in_(unit_ids))
        .limit(1)
    )
    if db.session.scalar(loaded) is not None:
        raise Conflict(
            "Después de revisar este archivo usted registró otro con las mismas comisarías. "
            "Súbalo otra vez, para que no entre dos veces la misma persona."
        )


def _refuse_lapsed(import_id: UUID, on: date) -> None:
    """A file may wait for days: what has ended meanwhile is wrong by now."""
    ends = (PadronRow.junta["vigente_hasta"].astext, PadronRow.member["until"].astext)
    lapsed = select(PadronRow.row).where(
        PadronRow.import_id == import_id, or_(*(end < on.isoformat() for end in ends))
    )
    if db.session.scalar(lapsed.limit(1)) is not None:
        raise Conflict(
            "Después de revisar este archivo terminó un periodo que trae. Súbalo otra vez para ver "
            "en qué fila."
        )


def _groups(import_id: UUID) -> dict[Key, dict[str, Any]]:
    """What the file says of each junta; the area stands in one of its rows."""
    query = select(PadronRow.unit_id, PadronRow.junta_code, PadronRow.junta)
    groups: dict[Key, dict[str, Any]] = {}
    rows = query.where(PadronRow.import_id == import_id).order_by(PadronRow.row)
    for unit_id, code, junta in db.session.execute(rows):
        known = groups.setdefault((unit_id, code), junta)
        if known is not junta and "area" in junta:
            known |= {"area": junta["area"], "ubigeo": junta["ubigeo"]}
    return groups


def _register(
    checked: PadronImport, staff: Staff, groups: dict[Key, dict[str, Any]], now: datetime
) -> list[Touched]:
    registered = registered_in(list(groups)).juntas
    touched, juntas, terms = [], [], []
    for key, said in groups.items():
        known = registered.get(key)
        if known is None:
            one = Touched(key, uuid4(), True, has_area="area" in said)
            juntas.append(_junta_row(checked, staff, one, said, now))
        else:
            one = Touched(key, known.id, False, has_area="area" in said and not known.has_area)
            _complete(known, one, said)
        touched.append(one)
        if one.is_new or (known and known.is_renewed_by(_day(said["vigente_desde"]))):
            terms.append((one, _term_row(staff, one, said, now)))
    _insert_juntas(juntas)
    for one, values in terms:
        one.term_id = db.session.scalar(insert(JuntaTerm).values(values).returning(JuntaTerm.id))
    return touched


def _complete(known: KnownJunta, one: Touched, said: dict[str, Any]) -> None:
    """What a registered junta gains: an area that it had not, a later end."""
    gained: dict[str, Any] = {}
    if one.has_area:
        gained |= {"geom": _geometry(said["area"]), "area_source": AreaSource.IMPORTED}
        gained["ubigeo"] = said["ubigeo"]
    if known.is_renewed_by(_day(said["vigente_desde"])):
        gained["valid_until"] = _day(said["vigente_hasta"])
    if gained:
        mine = update(JuntaVecinal).where(JuntaVecinal.id == known.id)
        db.session.execute(mine.values(gained))


def _junta_row(
    checked: PadronImport, staff: Staff, one: Touched, said: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "id": one.junta_id,
        "unit_id": one.key[0],
        "code": one.key[1],
        "name": said["nombre"],
        "scope": said["ambito"],
        "area": bytes.fromhex(said["area"]) if one.has_area else None,
        "ubigeo": said.get("ubigeo"),
        "valid_until": _day(said["vigente_hasta"]),
        "created_at": now,
        "created_by": staff.id,
        "import_id": checked.id,
    }


_INSERT_JUNTA = text("""
INSERT INTO junta_vecinal (id, unit_id, code, name, scope, ubigeo, geom, area_source, valid_until,
    created_at, created_by, import_id)
VALUES (:id, :unit_id, :code, :name, :scope,
    coalesce(:ubigeo, (SELECT ubigeo FROM police_unit WHERE id = :unit_id)),
    ST_GeomFromEWKB(CAST(:area AS bytea)),
    CASE WHEN CAST(:area AS bytea) IS NULL THEN NULL ELSE 'importada' END,
    :valid_until, :created_at, :created_by, :import_id)
""")


def _insert_juntas(rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(_INSERT_JUNTA, rows)


def _term_row(staff: Staff, one: Touched, said: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "junta_id": one.junta_id,
        "act": said["acto"],
        "recognised_on": _day(said["reconocida_el"]),
        "valid_from": _day(said["vigente_desde"]),
        "valid_until": _day(said["vigente_hasta"]),
        "recorded_at": now,
        "recorded_by": staff.id,
    }


# Each takes the next number of its junta, in the order of the file.
_INSERT_MEMBERS = text("""
WITH taken AS (
    SELECT junta_id, max(position) AS last FROM junta_member
    WHERE junta_id = ANY (:juntas) GROUP BY junta_id
), added AS (
    INSERT INTO junta_member (id, junta_id, position, post, sex, since, until, designated_by,
        is_repeated, created_at, created_by, import_id)
    SELECT r.member_id, j.id,
        coalesce(taken.last, 0) + row_number() OVER (PARTITION BY j.id ORDER BY r.row),
        r.member->>'post', r.member->>'sex', CAST(r.member->>'since' AS date),
        CAST(r.member->>'until' AS date), r.member->>'designated_by', r.is_repeated,
        :now, :staff, :import
    FROM padron_row r
    JOIN junta_vecinal j ON j.unit_id = r.unit_id AND j.code = r.junta_code
    LEFT JOIN taken ON taken.junta_id = j.id
    WHERE r.import_id = :import AND NOT r.member ? 'known'
    RETURNING junta_id
)
SELECT junta_id, count(*) AS members FROM added GROUP BY junta_id
""")


def _add_members(
    checked: PadronImport, staff: Staff, touched: Sequence[Touched], now: datetime
) -> None:
    juntas = [one.junta_id for one in touched]
    values = {"juntas": juntas, "now": now, "staff": staff.id, "import": checked.id}
    members = dict(db.session.execute(_INSERT_MEMBERS, values).tuples().all())
    for one in touched:
        one.members = members.get(one.junta_id, 0)


def _record(checked: PadronImport, staff: Staff, touched: Sequence[Touched], now: datetime) -> None:
    """One line in the history of each junta; undoing finds there what it has to take back."""
    db.session.execute(
        insert(JuntaEvent),
        [
            {
                "junta_id": one.junta_id,
                "at": now,
                "staff_id": staff.id,
                "event": IMPORTED,
                "details": {
                    "import": str(checked.id),
                    "new": one.is_new,
                    "members": one.members,
                    "term": one.term_id,
                    "area": one.has_area,
                },
            }
            for one in touched
        ],
    )


def imported_events(done: PadronImport) -> Sequence[Row[tuple[JuntaEvent]]]:
    """What an import wrote into the history of each junta that it touched."""
    query = select(JuntaEvent).where(
        JuntaEvent.at == done.applied_at,
        JuntaEvent.event == IMPORTED,
        JuntaEvent.details["import"].astext == str(done.id),
    )
    return db.session.execute(query.order_by(JuntaEvent.id)).all()


def _geometry(area: str) -> Any:
    return func.ST_GeomFromEWKB(bytes.fromhex(area))


def _day(text: str) -> date:
    return date.fromisoformat(text)
