"""What a junta tells, what came of it, and what others confirmed in its area."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import h3
from flask import g, request
from flask_smorest import Blueprint

from backend import clock
from backend.app import parts_of
from backend.boards.standing import Standing
from backend.catalog.models import Catalog
from backend.crypto import read_token, sign_token
from backend.errors import wrong_field
from backend.informes import queries as informes
from backend.informes import services
from backend.informes.models import Source
from backend.informes.queries import PAGE_ROWS, Cursor, Fate
from backend.informes.services import Informant
from backend.reports.queries import histories_of
from backend.reports.states import PUBLIC_STATE
from backend.submission.informe import submit_informe
from backend.submission.intake import Receipt
from mobile_api import limits
from mobile_api.alertas import (
    IDEMPOTENCY_HEADER,
    as_json,
    json_or_multipart,
    read_datos,
    submission_in,
    take_in,
    without_leftovers,
)
from mobile_api.caso import step_text, unit_names
from mobile_api.junta_schemas import (
    ConfirmacionSchema,
    ConfirmadosSchema,
    CursorSchema,
    InformeDatosSchema,
    InformesSchema,
    MesSchema,
    ReciboDeInformeSchema,
    ResumenSchema,
)
from mobile_api.junta_words import month_title, summary_lines
from mobile_api.spec import problems
from mobile_api.uploads import received_photos

blueprint = Blueprint(
    "junta-informes", __name__, url_prefix="/api/v1/junta", description="Informes de la junta"
)

SECURITY: list[dict[str, list[str]]] = [{"junta": []}]
CURSOR_SECONDS = 24 * 3600
# The author's own additions say nothing of what came of the informe.
NO_FATE = frozenset({"enlarged"})
NO_AREA = (
    "La comisaría todavía no dibujó la zona de tu junta: pídele que lo haga y aquí verás "
    "lo que la policía confirma."
)


SCHEMA = InformeDatosSchema()


@blueprint.route("/informes", methods=["POST"])
@blueprint.doc(
    requestBody=json_or_multipart(InformeDatosSchema),
    security=SECURITY,
    parameters=[IDEMPOTENCY_HEADER],
)
@blueprint.response(201, ReciboDeInformeSchema)
@problems(400, 401, 403, 413, 415, 422, 507)
@limits.limiter.exempt
def create() -> dict[str, Any]:
    """Enviar un informe de la junta: un delito, una falta o un factor de riesgo.

    De un asunto sensible no queda ningún lazo con la junta: se sigue con su número y su clave.
    """
    limits.admit_informe()
    return take_in(_submit)


def _submit(key: str) -> dict[str, Any]:
    datos = read_datos()
    told = submission_in(SCHEMA, datos)
    informant = Informant(g.junta.junta_id, g.junta.unit_id, Source(datos["procedencia"]))

    def hand_over() -> Receipt:
        return submit_informe(
            parts_of(),
            told,
            received_photos(request.files.getlist("foto")),
            informant,
            credential=f"junta {g.junta.member_id}",  # the same after a new access
            idempotency_key=key,
            now=clock.now(),
        )

    receipt = without_leftovers(hand_over)
    return as_json(receipt) | {"se_sigue_por_junta": not told.categoria.sensible}


@blueprint.route("/informes", methods=["GET"])
@blueprint.doc(security=SECURITY)
@blueprint.arguments(CursorSchema, location="query")
@blueprint.response(200, InformesSchema)
@problems(401, 403, 422)
@limits.limiter.limit(limits.PER_JUNTA_CALLS, key_func=limits.junta_key)
def fates(asked: dict[str, Any]) -> dict[str, Any]:
    """Qué pasó con lo que contamos, lo último primero; sin lo que escribimos ni lugares."""
    junta: Standing = g.junta
    found = informes.fates_page(junta.junta_id, _read_cursor(asked["cursor"]), PAGE_ROWS + 1)
    page = found[:PAGE_ROWS]
    return {
        "informes": _described(page, parts_of().catalog),
        "reservados": informes.reserved_in(
            junta.junta_id, junta.member_id, _today().replace(day=1)
        ),
        "cursor": _write_cursor(page[-1].cursor) if len(found) > PAGE_ROWS else None,
    }


@blueprint.route("/resumen", methods=["GET"])
@blueprint.doc(security=SECURITY)
@blueprint.arguments(MesSchema, location="query")
@blueprint.response(200, ResumenSchema)
@problems(401, 403, 422)
@limits.limiter.limit(limits.PER_JUNTA_CALLS, key_func=limits.junta_key)
def summary(asked: dict[str, Any]) -> dict[str, Any]:
    """El mes en números, para leerlo en voz alta: no hay en él nada que esconder."""
    junta: Standing = g.junta
    month = _month(asked["mes"], junta)
    found = informes.summary_of(junta.junta_id, month, parts_of().catalog.juntas)
    return {
        "mes": f"{month:%Y-%m}",
        "titulo": f"{junta.junta_name}: lo que contamos en {month_title(month)}",
        "lineas": summary_lines(found),
    }


@blueprint.route("/confirmados", methods=["GET"])
@blueprint.doc(security=SECURITY)
@blueprint.response(200, ConfirmadosSchema)
@problems(401, 403)
@limits.limiter.limit(limits.PER_JUNTA_CALLS, key_func=limits.junta_key)
def confirmed() -> dict[str, Any]:
    """Qué confirmó ayer la policía en la zona de la junta: solo la clase de hecho, por celda."""
    junta: Standing = g.junta
    day = informes.yesterday(clock.now())
    said = informes.said_by(junta.junta_id, day)
    found = informes.confirmed_in(junta.junta_id, day)
    catalog = parts_of().catalog
    cells = [_cell(cell, kinds, said, catalog) for cell, kinds in found.items()]
    return {"dia": day, "celdas": cells, "aviso": None if junta.has_area else NO_AREA}


@blueprint.route("/confirmados", methods=["POST"])
@blueprint.doc(security=SECURITY)
@blueprint.arguments(ConfirmacionSchema)
@blueprint.response(204)
@problems(400, 401, 403, 404, 415, 422)
@limits.limiter.limit(limits.PER_JUNTA_CALLS, key_func=limits.junta_key)
def confirm(sent: dict[str, Any]) -> None:
    """Decir "yo también lo vi" de una línea de la lista; repetirlo no cuenta dos veces."""
    services.confirm(g.junta.junta_id, sent["celda"], sent["categoria"], sent["dia"], clock.now())


def _described(page: Sequence[Fate], catalog: Catalog) -> list[dict[str, Any]]:
    reports = {fate.report_id for fate in page}
    histories, answers = histories_of(reports), informes.answers_to(reports)
    names = unit_names({entry.unit_id for steps in histories.values() for entry in steps})
    described = []
    for fate in page:
        told = (
            step_text(fate.report_kind, entry, catalog, names)
            for entry in reversed(histories[fate.report_id])
            if entry.event not in NO_FATE
        )
        described.append(
            {
                "categoria": catalog.subject(fate.categoria).nombre,
                "tipo": fate.kind,
                "enviado_el": fate.told_on,
                "estado": PUBLIC_STATE[fate.state],
                "texto": next(filter(None, told)),
                "actualizado_el": clock.in_lima(fate.updated_at).date(),
                "logro": informes.logro_of(fate.state, fate.outcome, catalog.juntas),
                "respuestas": [
                    {"texto": one.text, "escrito_el": clock.in_lima(one.at).date()}
                    for one in answers[fate.report_id]
                ],
            }
        )
    return described


def _cell(
    cell: str, kinds: Sequence[str], said: set[tuple[str, str]], catalog: Catalog
) -> dict[str, Any]:
    lat, lon = h3.cell_to_latlng(cell)
    return {
        "celda": cell,
        "centro": {"lat": lat, "lon": lon},
        "borde": [list(corner) for corner in h3.cell_to_boundary(cell)],
        "tipos": [
            {
                "categoria": kind,
                "nombre": catalog.categoria(kind).nombre,
                "ya_lo_dijo": (cell, kind) in said,
            }
            for kind in kinds
        ],
    }


def _month(text: str, junta: Standing) -> date:
    this_month = _today().replace(day=1)
    month = date.fromisoformat(f"{text}-01") if text else this_month
    if month > this_month:
        raise wrong_field("mes", "Ese mes todavía no llega.")
    first = informes.first_day(junta.junta_id)
    if first is None or month < first.replace(day=1):
        raise wrong_field("mes", "En ese mes la junta todavía no existía.")
    return month


def _today() -> date:
    return clock.in_lima(clock.now()).date()


def _write_cursor(cursor: Cursor) -> str:
    place = [cursor.received_at.isoformat(), cursor.id.hex]
    return sign_token(parts_of().settings.keys, "junta", place)


def _read_cursor(text: str) -> Cursor | None:
    if not text:
        return None
    place = read_token(parts_of().settings.keys, "junta", text, CURSOR_SECONDS)
    if not isinstance(place, list):
        raise wrong_field("cursor", "Vuelve a abrir la lista desde el comienzo.")
    return Cursor(datetime.fromisoformat(place[0]), UUID(place[1]))
