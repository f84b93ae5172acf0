"""What a unit's roster has of the juntas and people in a file; check and registration ask it.

Only an office learns of it, and only of its own unit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_

from backend.boards.models import JuntaMember, JuntaTerm, JuntaVecinal
from backend.catalog.models import Catalog
from backend.db import db
from backend.padron.columns import bare
from backend.padron.rows import CheckedRow, overlap

Key = tuple[int, str]


@dataclass(frozen=True)
class Person:
    """Somebody's time in a junta, by the id that the vault has, too."""

    member_id: UUID
    junta_id: UUID
    junta_code: str
    post: str
    since: date
    until: date | None
    ended_on: date | None

    def stands(self, since: date, until: date | None) -> bool:
        """Whether they are a member on any day of a period (`boards.queries.member_stands`)."""
        if self.ended_on is not None and self.ended_on <= since:
            return False
        return overlap(since, until, self.since, self.until)

    def last_day(self) -> date | None:
        """Their last day as a member; None where nobody has said it."""
        ended = None if self.ended_on is None else self.ended_on - timedelta(days=1)
        return min((day for day in (ended, self.until) if day is not None), default=None)

    def has_left(self, on: date) -> bool:
        """Whether their time is over, however much of it the file's row speaks of."""
        last = self.last_day()
        return last is not None and last < on


@dataclass(frozen=True)
class KnownJunta:
    """A registered junta as far as a file can speak of it."""

    id: UUID
    name: str
    scope: str
    has_area: bool
    valid_until: date
    is_ended: bool
    terms: Sequence[tuple[date, date]]
    people: list[Person] = field(default_factory=list, repr=False)

    def has_term(self, valid_from: date, valid_until: date) -> bool:
        return (valid_from, valid_until) in self.terms

    def is_renewed_by(self, valid_from: date) -> bool:
        """Whether a term from that day on comes after every other one."""
        return not self.is_ended and valid_from > self.valid_until


class Registered:
    """The juntas that a file speaks of, and the people whom it finds again."""

    def __init__(self, juntas: dict[Key, KnownJunta]) -> None:
        self.juntas = juntas
        self._people: dict[UUID, Person] = {}

    def load_members(self, member_ids: Collection[UUID]) -> None:
        """Look up whom the vault knows; those of imports that wait are nobody's members yet."""
        wanted = [one for one in member_ids if one not in self._people]
        if wanted:
            living = JuntaVecinal.ended_on.is_(None)
            query = _PEOPLE.where(JuntaMember.id.in_(wanted), living)
            for row in db.session.execute(query):
                self._people[row[0]] = Person(*row)

    def compare(
        self, row: CheckedRow, member_ids: Collection[UUID], catalog: Catalog, on: date
    ) -> bool:
        """Mark what an office has to know of its own unit before it registers the row.

        Returns whether that tells of a document that it is, or was, in a junta.
        """
        junta = self.juntas.get(row.key)
        if junta is not None:
            _compare_junta(row, junta)
        names = _compare_person(row, junta, self._standing(row, member_ids), on)
        if "known" not in row.member:
            _compare_post(row, self._holders(row, catalog), on)
        return names

    def would_repeat(self, row: CheckedRow, member_ids: Collection[UUID], catalog: Catalog) -> bool:
        """Whether the unit has to look into the row once a loader has registered it."""
        return bool(self._standing(row, member_ids) or self._holders(row, catalog))

    def _standing(self, row: CheckedRow, member_ids: Collection[UUID]) -> list[Person]:
        known = [self._people[one] for one in member_ids if one in self._people]
        return [person for person in known if person.stands(row.since, row.until)]

    def _holders(self, row: CheckedRow, catalog: Catalog) -> list[Person]:
        """Who has, or had, the row's post in that time, where it is one person's only."""
        junta, post = self.juntas.get(row.key), row.member["post"]
        if junta is None or not catalog.juntas.cargos[post].only_one:
            return []
        holders = [person for person in junta.people if person.post == post]
        return [person for person in holders if person.stands(row.since, row.until)]


_PEOPLE = select(
    JuntaMember.id,
    JuntaMember.junta_id,
    JuntaVecinal.code,
    JuntaMember.post,
    JuntaMember.since,
    JuntaMember.until,
    JuntaMember.ended_on,
).join(JuntaVecinal, JuntaVecinal.id == JuntaMember.junta_id)


def registered_in(keys: Collection[Key]) -> Registered:
    """The juntas with these units and codes, with their terms and people."""
    query = select(JuntaVecinal, JuntaVecinal.geom.is_not(None)).where(
        tuple_(JuntaVecinal.unit_id, JuntaVecinal.code).in_(keys)
    )
    found = db.session.execute(query).tuples().all() if keys else []
    ids = [junta.id for junta, _ in found]
    terms = _terms_of(ids)
    juntas = {
        (junta.unit_id, junta.code): KnownJunta(
            junta.id,
            junta.name,
            junta.scope,
            has_area,
            junta.valid_until,
            junta.ended_on is not None,
            terms.get(junta.id, []),
        )
        for junta, has_area in found
    }
    by_id = {junta.id: junta for junta in juntas.values()}
    for row in db.session.execute(_PEOPLE.where(JuntaMember.junta_id.in_(ids))) if ids else ():
        person = Person(*row)
        by_id[person.junta_id].people.append(person)
    return Registered(juntas)


def _terms_of(junta_ids: Collection[UUID]) -> dict[UUID, list[tuple[date, date]]]:
    query = select(JuntaTerm.junta_id, JuntaTerm.valid_from, JuntaTerm.valid_until)
    found: dict[UUID, list[tuple[date, date]]] = {}
    rows = db.session.execute(query.where(JuntaTerm.junta_id.in_(junta_ids))) if junta_ids else ()
    for junta_id, valid_from, valid_until in rows:
        found.setdefault(junta_id, []).append((valid_from, valid_until))
    return found


def _compare_junta(row: CheckedRow, junta: KnownJunta) -> None:
    since = date.fromisoformat(row.junta["vigente_desde"])
    until = date.fromisoformat(row.junta["vigente_hasta"])
    if junta.is_ended:
        row.wrong.setdefault(
            "junta_codigo", "La junta con ese código está disuelta: use otro código."
        )
    elif bare(junta.name) != bare(row.junta["nombre"]):
        row.wrong.setdefault(
            "junta_nombre",
            "Su comisaría tiene ese código con otro nombre: revise el código, o corrija el "
            "nombre en la ficha de la junta.",
        )
    elif not junta.has_term(since, until) and not junta.is_renewed_by(since):
        row.wrong.setdefault(
            "vigente_desde",
            f"No es el periodo registrado, que llega hasta el {junta.valid_until:%d/%m/%Y}, ni "
            "uno que empiece después.",
        )
    if junta.scope != row.junta["ambito"]:
        row.warnings["ambito"] = "La ficha de la junta tiene otro ámbito, y se queda como está."


def _compare_person(
    row: CheckedRow, junta: KnownJunta | None, standing: Sequence[Person], on: date
) -> bool:
    """Whoever is here already stays; who is elsewhere, or left too late for the row, is told."""
    here = [person for person in standing if not person.has_left(on)]
    elsewhere = [person for person in here if junta is None or person.junta_id != junta.id]
    if mine := [person for person in here if person not in elsewhere]:
        row.member |= {"known": True, "id": str(mine[-1].member_id)}
    if elsewhere:
        row.wrong.setdefault(
            "numero_documento",
            f"Esta persona ya es integrante de la junta {elsewhere[0].junta_code} de su "
            "comisaría. Si cambió de junta, dele de baja allá primero.",
        )
    elif standing and not mine:
        last = _latest(standing)
        row.wrong.setdefault(
            "desde",
            f"Esta persona fue integrante de la junta {last.junta_code} hasta el "
            f"{last.last_day():%d/%m/%Y}. Si entró otra vez, escriba desde qué día, posterior a "
            "ese; si no, borre la fila.",
        )
    return bool(elsewhere or (standing and not mine))


def _compare_post(row: CheckedRow, holders: Sequence[Person], on: date) -> None:
    if any(not person.has_left(on) for person in holders):
        row.wrong.setdefault(
            "cargo",
            "Esta junta ya tiene a otra persona en ese cargo: dele de baja o cámbiele el "
            "cargo antes.",
        )
    elif holders:
        row.wrong.setdefault(
            "desde",
            f"Otra persona tuvo ese cargo hasta el {_latest(holders).last_day():%d/%m/%Y}: "
            "escriba desde qué día lo tiene esta, posterior a ese.",
        )


def _latest(people: Sequence[Person]) -> Person:
    return max(people, key=lambda person: person.last_day() or date.max)
