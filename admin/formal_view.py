"""What the page of a denuncia or queja shows beyond that of an alerta: form, persons, terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func, select

from admin import moments
from backend import casework, clock, unmasking
from backend.catalog.form_words import Block, Line, blocks_of, identity_lines
from backend.catalog.models import (
    ActState,
    Actuacion,
    Asunto,
    Catalog,
    ClassifierEntry,
    Fiscalia,
    Motivo,
)
from backend.catalog.queries import fiscalia_for, modalities
from backend.db import db
from backend.denuncias.models import Calificacion, CasePerson, Denuncia
from backend.denuncias.services import LABELS
from backend.identity.models import Staff
from backend.reports.models import FORMAL_KINDS, HistoryEntry, Report
from backend.territory.queries import unit_coded
from backend.vault.models import Opening, OpeningCount
from backend.vault.queries import openings_of

# Kept with the identities when the place itself would tell who denounces.
PLACE = "lugar"


@dataclass(frozen=True)
class LabelledPerson:
    """Somebody behind a label, and how often it was opened."""

    id: UUID
    role: str
    label: str
    opened: OpeningCount
    is_place: bool


@dataclass(frozen=True)
class Qualification:
    """One legal name for what happened; without a name of staff it is the author's answer."""

    codigo: str
    nombre: str
    at: datetime
    staff: str | None


@dataclass(frozen=True)
class FormalCase:
    """All of it."""

    blocks: list[Block]
    persons: list[LabelledPerson]
    opened: OpeningCount
    may_open: bool
    openings_left: int
    aperturas: Sequence[Motivo]
    qualifications: list[Qualification]
    usual_names: list[ClassifierEntry]
    other_names: list[ClassifierEntry]
    actuaciones: list[Actuacion]
    fiscalia: Fiscalia | None
    ratified_at: datetime | None
    investigator: str | None


def formal_case(
    staff: Staff,
    report: Report,
    catalog: Catalog,
    history: Sequence[HistoryEntry],
    people: dict[int, str],
    now: datetime,
) -> FormalCase | None:
    """What a denuncia or queja has; None for anything else."""
    asunto = catalog.asuntos.get(report.categoria)
    denuncia = db.session.get(Denuncia, report.id) if report.kind in FORMAL_KINDS else None
    if denuncia is None or asunto is None:
        return None
    hides_minute = report.is_sensible and not report.is_urgent
    given = _qualifications(report.id, catalog)
    usual, others = _names_left(asunto, catalog, {one.codigo for one in given})
    today = clock.in_lima(now).date()
    return FormalCase(
        blocks=blocks_of(asunto.form, denuncia.datos, _teller(now, hides_minute), _unit_name),
        persons=_persons(report.id),
        opened=openings_of(report.id),
        may_open=unmasking.may_open_identity(staff, report),
        openings_left=unmasking.openings_left(staff, now),
        aperturas=tuple(catalog.aperturas.values()),
        qualifications=given,
        usual_names=usual,
        other_names=others,
        actuaciones=actuaciones_for(catalog, report, is_ratified=denuncia.ratified_at is not None),
        fiscalia=fiscalia_for(catalog, report.ubigeo, today) if report.is_reserved else None,
        ratified_at=denuncia.ratified_at,
        investigator=_investigator(history, people),
    )


def actuaciones_for(
    catalog: Catalog, report: Report, *, is_ratified: bool = False
) -> list[Actuacion]:
    """What may be recorded of this case now; "recibida" has its own button."""
    return [
        one
        for one in catalog.actuaciones.values()
        if report.kind.value in one.kinds
        and one.state is not ActState.ACKNOWLEDGED
        and not (is_ratified and one.codigo == casework.RATIFICATION)
    ]


def opened_lines(asunto: Asunto, role: str, data: dict[str, Any], now: datetime) -> Sequence[Line]:
    """An opened identity with the titles of its form."""
    return identity_lines(asunto.form, role, data, _teller(now, hides_minute=False))


def role_name(role: str) -> str:
    """What a role is called on screen, whatever the label hides."""
    return LABELS.get(role, role.capitalize())


def _teller(now: datetime, hides_minute: bool) -> Any:
    say = moments.band_words if hides_minute else moments.moment_words
    return lambda instant: say(instant, now)


def _unit_name(code: str) -> str:
    unit = unit_coded(code)
    return (unit.name or unit.code) if unit else code


def _persons(report_id: UUID) -> list[LabelledPerson]:
    times, people = func.count(Opening.id), func.count(distinct(Opening.staff_id))
    query = (
        select(CasePerson.id, CasePerson.role, CasePerson.label, times, people)
        .outerjoin(Opening, Opening.person_id == CasePerson.id)
        .where(CasePerson.report_id == report_id)
        .group_by(CasePerson.id, CasePerson.role, CasePerson.label, CasePerson.position)
    )
    order = {role: place for place, role in enumerate(LABELS)}
    rows = sorted(
        db.session.execute(query.add_columns(CasePerson.position)),
        key=lambda row: (order.get(row[1], len(order)), row[5]),
    )
    return [
        LabelledPerson(person_id, role_name(role), label, OpeningCount(count, by), role == PLACE)
        for person_id, role, label, count, by, _ in rows
    ]


def _qualifications(report_id: UUID, catalog: Catalog) -> list[Qualification]:
    query = (
        select(Calificacion.codigo, Calificacion.at, Staff.display_name)
        .outerjoin(Staff, Staff.id == Calificacion.staff_id)
        .where(Calificacion.report_id == report_id)
        .order_by(Calificacion.id)
    )
    rows = db.session.execute(query).all()
    return [Qualification(code, catalog.clasificador[code].nombre, at, by) for code, at, by in rows]


def _names_left(
    asunto: Asunto, catalog: Catalog, given: set[str]
) -> tuple[list[ClassifierEntry], list[ClassifierEntry]]:
    """Legal names that the case has not yet: those usual for its matter, and all others."""
    left = [entry for entry in modalities(catalog) if entry.codigo not in given]
    usual = [entry for entry in left if entry.codigo in asunto.calificaciones]
    return usual, [entry for entry in left if entry not in usual]


def _investigator(history: Sequence[HistoryEntry], people: dict[int, str]) -> str | None:
    named = [entry.details["investigador"] for entry in history if "investigador" in entry.details]
    return people.get(named[-1]) if named else None
