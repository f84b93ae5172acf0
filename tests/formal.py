"""Denuncias and quejas with their persons in the vault, for stories that begin on the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from h3 import latlng_to_cell
from sqlalchemy import select, update

from backend.catalog import forms
from backend.db import db, transaction
from backend.denuncias import services as denuncias
from backend.denuncias.models import CasePerson
from backend.denuncias.services import Person
from backend.parts import Parts
from backend.reports.models import Report
from backend.vault import services as vault
from backend.vault.models import NewPerson
from tests.builders import IN_WEST

ROSA = {
    "tipo_documento": "dni",
    "numero_documento": "40000001",
    "nombres": "Primera Persona",
    "apellido_paterno": "Inventada",
    "celular": "900000001",
    "domicilio": "Jirón Inventado 123",
}
LUIS = {"nombres": "Segunda Persona", "celular": "900000002"}
ACCOUNT = "Me arrancharon el celular al bajar del bus"
STOLEN_PHONE: Mapping[str, Any] = {
    "asunto": "robo_celular_denuncia",
    "calificaciones": ["010309"],
    "hecho": {"relato": ACCOUNT, "desde": "2026-11-19T18:05:00-05:00"},
    "celulares": [{"marca": "Uno", "imei": "490154203237518", "operador": "claro"}],
    "denunciante": {"relacion": "agraviado", "identidad": ROSA},
    "testigos": [{"identidad": LUIS, "vio": "Vio por dónde se fueron"}],
}


def make_formal(
    parts: Parts,
    report_id: UUID,
    now: datetime,
    *,
    datos: Mapping[str, Any] = STOLEN_PHONE,
    is_reserved: bool = False,
) -> None:
    """Turn an alerta that has reached its desk into the denuncia or queja of these `datos`."""
    asunto = parts.catalog.asunto(datos["asunto"])
    split = forms.split(asunto, datos)
    counts = {part.role: sum(one.role == part.role for one in split.parts) for part in split.parts}
    persons = [
        Person(
            uuid4(),
            part.role,
            part.position,
            denuncias.labelled(
                part.role, part.position, counts[part.role], is_reserved=is_reserved
            ),
            part.data,
            part.document,
        )
        for part in split.parts
    ]
    labels = {(one.role, one.position): one.label for one in persons}
    term = denuncias.term_of(asunto, now)
    values: dict[str, Any] = {
        "kind": asunto.kind,
        "categoria": asunto.codigo,
        "priority": asunto.prioridad,
        "is_sensible": asunto.sensible,
        "is_reserved": is_reserved,
        "description": datos["hecho"]["relato"],
        "answer_by": term.answer_by,
        "remind_at": term.remind_at,
    }
    if is_reserved or asunto.sensible:
        cell = latlng_to_cell(IN_WEST["lat"], IN_WEST["lon"], 8)
        values |= {"point": None, "accuracy_m": None, "place_source": "celda", "cell": cell}
    with transaction():
        db.session.execute(update(Report).where(Report.id == report_id).values(**values))
        denuncias.keep_form(
            report_id,
            forms.labelled(split.case, labels),
            forms.calificaciones(asunto, datos),
            persons,
            now,
        )
        sealed = [NewPerson(one.id, dict(one.data), one.document) for one in persons]
        vault.keep(report_id, sealed, parts.settings.keys, now)


def person_of(report_id: UUID, role: str = "denunciante") -> UUID:
    """The id of who stands behind a label."""
    db.session.rollback()
    query = select(CasePerson.id).where(CasePerson.report_id == report_id, CasePerson.role == role)
    return db.session.scalars(query).one()
