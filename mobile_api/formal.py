"""What the author of a denuncia or queja reads of it beyond any other case."""

from datetime import date, datetime
from typing import Any

from marshmallow import Schema, fields

from backend import clock
from backend.catalog.form_words import Block, blocks_of
from backend.catalog.models import Asunto, Catalog
from backend.db import db
from backend.denuncias.models import Constancia, Denuncia
from backend.reports.models import HistoryEntry, Report
from backend.territory.queries import unit_coded
from backend.vault.queries import openings_of

# In place of an identity: the label in its stead is for whoever works on the case.
KEPT_APART = "Guardados aparte"


class LineaDeFormularioSchema(Schema):
    titulo = fields.Str(required=True)
    texto = fields.Str(required=True)


class GrupoSchema(Schema):
    titulo = fields.Str(required=True)
    lineas = fields.List(fields.Nested(LineaDeFormularioSchema), required=True)


class BloqueSchema(Schema):
    """One step of the form, in words; no identity is among them."""

    titulo = fields.Str(required=True)
    grupos = fields.List(fields.Nested(GrupoSchema), required=True)


class IdentidadSchema(Schema):
    """How the identity is kept, and how often somebody of the police has opened it."""

    reservada = fields.Bool(required=True)
    abierta_veces = fields.Int(required=True)
    por_personas = fields.Int(required=True)


class FormalSchema(Schema):
    """Of a denuncia or queja; null for an alerta."""

    bloques = fields.List(fields.Nested(BloqueSchema), required=True)
    vence_el = fields.Date(
        required=True, allow_none=True, metadata={"description": "Hasta cuándo responderán."}
    )
    ratificada_el = fields.Date(required=True, allow_none=True)
    identidad = fields.Nested(
        IdentidadSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null en una queja: no pide la identidad de nadie."},
    )
    constancia = fields.Bool(
        required=True, metadata={"description": "Si `GET /caso/constancia` da una."}
    )


def formal_part(report: Report, catalog: Catalog) -> dict[str, Any] | None:
    """The part of a denuncia or queja; None for any other report."""
    denuncia = db.session.get(Denuncia, report.id)
    asunto = catalog.asuntos.get(report.categoria)
    if denuncia is None or asunto is None:
        return None
    blocks = blocks_of(asunto.form, denuncia.datos, _moment_words, _unit_name)
    ratified = denuncia.ratified_at
    return {
        "bloques": [_block(one) for one in blocks],
        "vence_el": report.answer_by,
        "ratificada_el": clock.in_lima(ratified).date() if ratified else None,
        "identidad": _identity(report, asunto),
        "constancia": db.session.get(Constancia, report.id) is not None,
    }


def actuacion_text(entry: HistoryEntry, catalog: Catalog) -> str:
    """What the unit did, in the catalogue's words for the author, with its day and number."""
    told = entry.details
    text = catalog.actuacion(told["actuacion"]).text_for_citizen
    names = {name: told.get(name, "") for name in ("fiscalia", "numero")}
    words = text.format(**names)
    day = date.fromisoformat(told["on"])
    if day != clock.in_lima(entry.at).date():
        words = f"{words} Fue el {day:%d/%m/%Y}."
    return words


def _identity(report: Report, asunto: Asunto) -> dict[str, Any] | None:
    if asunto.is_queja:
        return None
    opened = openings_of(report.id)
    return {
        "reservada": report.is_reserved,
        "abierta_veces": opened.times,
        "por_personas": opened.people,
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "titulo": block.title,
        "grupos": [
            {
                "titulo": group.title,
                "lineas": [
                    {"titulo": one.title, "texto": KEPT_APART if one.is_label else one.text}
                    for one in group.lines
                ],
            }
            for group in block.groups
        ],
    }


def _moment_words(instant: datetime) -> str:
    return clock.in_lima(instant).strftime("%d/%m/%Y, %H:%M")


def _unit_name(code: str) -> str:
    unit = unit_coded(code)
    return (unit.name or unit.code) if unit else code
