"""`POST /seguimiento`: the state by number alone, or the key to the case with its clave."""

from datetime import date, timedelta
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from backend import clock
from backend.app import parts_of
from backend.db import db
from backend.errors import NotFound
from backend.reports.models import Report
from backend.reports.numbers import clave_for, clave_matches, parse_number
from backend.reports.queries import Tracked, tracked
from backend.reports.states import PUBLIC_STATE
from mobile_api import limits
from mobile_api.access import new_acceso
from mobile_api.schemas import SeguimientoSchema
from mobile_api.spec import problems

blueprint = Blueprint("seguimiento", __name__, url_prefix="/api/v1", description="Seguir un caso")

# By number alone nothing is told of a case in which nothing has happened for this long.
TOLD_FOR = timedelta(days=365)
NO_NUMBER = "YA-0000-0000-0"
UNKNOWN = (
    "No encontramos un reporte con esos datos. Revisa el número; si tienes la clave, "
    "escríbela también."
)


class EstadoSchema(Schema):
    estado = fields.Str(required=True)
    actualizado_el = fields.Date(required=True)
    acceso = fields.Str(metadata={"description": "Por 30 minutos, para `/caso`."})


@blueprint.route("/seguimiento", methods=["POST"])
@blueprint.arguments(SeguimientoSchema)
@blueprint.response(200, EstadoSchema)
@problems(400, 404, 415, 422)
@limits.limiter.limit(limits.PER_ADDRESS_TRACKING)
def track(asked: dict[str, Any]) -> dict[str, Any]:
    """Ver el estado con el número; con la clave, además, el acceso al caso.

    Un número desconocido, equivocado, vencido o reservado responde siempre lo mismo.
    """
    report = find(asked["numero"], asked["clave"])
    answer: dict[str, Any] = {
        "estado": PUBLIC_STATE[report.state],
        "actualizado_el": _day(report),
    }
    if asked["clave"]:
        answer["acceso"] = new_acceso(report.id, report.clave_version)
    return answer


def find(numero: str, clave: str | None) -> Report:
    """The report of a number, if its clave fits, or if it may be told of without one.

    Whether there is none, or one of which nothing may be told: the same statement, the same
    steps in Python, the same `NotFound`. Nobody learns from an answer, or from how long it took,
    that a queja exists.
    """
    current, _ = parts_of().settings.keys.current("clave")
    told_since = None if clave else clock.now() - TOLD_FOR
    found = tracked(parse_number(numero) or NO_NUMBER, told_since, current)
    fits = clave_matches(clave, _expected_clave(found)) if clave else True
    if not (found.is_known and fits):
        raise NotFound(UNKNOWN)
    return db.session.get_one(Report, found.report_id)


def _expected_clave(found: Tracked) -> str:
    keys = parts_of().settings.keys
    return clave_for(keys, found.clave_key_version, found.report_id, found.clave_version)


def _day(report: Report) -> date:
    return clock.in_lima(report.updated_at).date()
