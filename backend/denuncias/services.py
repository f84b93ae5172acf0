"""Writing what a denuncia or queja has beyond its report; inside the submission's transaction."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from backend.catalog.calendar import add_working_days
from backend.catalog.models import Asunto
from backend.clock import LIMA
from backend.db import db
from backend.denuncias.models import MAX_LABEL, Calificacion, CasePerson, Constancia, Denuncia
from backend.reports.numbers import ALPHABET

# The unit is reminded at the beginning of the office's day.
REMIND_AT = time(8, 0)
RESERVED_SYMBOLS = 8
LONGEST_NAME = MAX_LABEL - 6  # its number comes behind
# What a screen calls somebody whose identity lies in the vault.
LABELS = {
    "denunciante": "Denunciante",
    "agraviados": "Agraviado",
    "testigos": "Testigo",
    "implicados": "Implicado",
    "documentos": "Documento",
    "celulares": "Línea de celular",
    "lugar": "Lugar exacto",
}


@dataclass(frozen=True)
class Person:
    """Somebody behind a label, with what goes to the vault."""

    id: UUID
    role: str
    position: int
    label: str
    data: Mapping[str, Any] = field(repr=False)
    # Kind and number of the identity document, where the form tells both.
    document: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Term:
    """By when the author may expect an answer, and when the unit is reminded of it."""

    answer_by: date
    remind_at: datetime


def term_of(asunto: Asunto, now: datetime) -> Term:
    """Working days from the day of arrival in Lima, which does not count itself."""
    arrived = now.astimezone(LIMA).date()
    answer_by = add_working_days(arrived, asunto.answer_days)
    remind_on = add_working_days(arrived, asunto.answer_days - asunto.remind_days)
    return Term(answer_by, datetime.combine(remind_on, REMIND_AT, LIMA))


def labelled(role: str, position: int, count: int, *, is_reserved: bool) -> str:
    """`Agraviado 2`; a random key in its place when the identity is reserved.

    Source: CPP arts. 247–252: a number or key stands for the name of who is protected.
    """
    if is_reserved:
        symbols = "".join(secrets.choice(ALPHABET) for _ in range(RESERVED_SYMBOLS))
        return f"Clave {symbols[:4]}-{symbols[4:]}"
    # A matter is data: a group that nobody here has words for must not cost its report.
    name = LABELS.get(role, role.replace("_", " ").capitalize())[:LONGEST_NAME]
    return name if count == 1 else f"{name} {position}"


def keep_form(
    report_id: UUID,
    datos: Mapping[str, Any],
    calificaciones: Sequence[str],
    persons: Sequence[Person],
    now: datetime,
) -> None:
    """Insert the form with labels for identities, its qualifications, and the labels."""
    db.session.execute(insert(Denuncia).values(report_id=report_id, datos=dict(datos)))
    rows = [{"report_id": report_id, "codigo": codigo, "at": now} for codigo in calificaciones]
    db.session.execute(insert(Calificacion), rows)
    labels = [
        {
            "id": person.id,
            "report_id": report_id,
            "role": person.role,
            "position": person.position,
            "label": person.label,
        }
        for person in persons
    ]
    if labels:
        db.session.execute(insert(CasePerson), labels)


def keep_constancia(report_id: UUID, payload: str, key_version: int, now: datetime) -> None:
    """Insert the signed receipt."""
    db.session.execute(
        insert(Constancia).values(
            report_id=report_id, payload=payload, key_version=key_version, issued_at=now
        )
    )
