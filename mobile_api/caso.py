"""The case as its author sees it: honest steps, photos, the thread, and contesting a closure."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from backend import clock, journey
from backend.app import parts_of
from backend.catalog.models import Catalog
from backend.db import db
from backend.errors import NotFound, Unauthenticated
from backend.media.models import Attachment, AttachmentState, PictureSize
from backend.media.queries import attachment_of, attachments_of, open_derivative, photo_states
from backend.reports.models import HistoryEntry, Kind, Message, Report
from backend.reports.queries import history_of, messages_of
from backend.reports.states import OPEN_STATES, PUBLIC_STATE, State
from backend.territory.models import PoliceUnit
from backend.territory.queries import district_by_ubigeo
from mobile_api import limits
from mobile_api.formal import FormalSchema, actuacion_text, formal_part
from mobile_api.lugares import LineaSchema, urgent_linea_of
from mobile_api.schemas import DisconformidadSchema, MensajeSchema
from mobile_api.spec import ComisariaSchema, problems

blueprint = Blueprint("caso", __name__, url_prefix="/api/v1/caso", description="Tu caso")

SECURITY: list[dict[str, list[str]]] = [{"acceso": []}]
SIZES: dict[str, PictureSize] = {"grande": "large", "chica": "small"}

# What the author sent, as the first step names it.
RECEIVED: dict[Kind, str] = {
    Kind.ALERTA: "Recibimos tu reporte.",
    Kind.FACTOR_DE_RIESGO: "Recibimos tu reporte.",
    Kind.DENUNCIA: "Recibimos tu denuncia.",
    Kind.QUEJA: "Recibimos lo que contaste.",
}

# What the author reads of each event; `{unit}` is the unit that had the report then. Events
# that are missing here are the machines' business and change nothing for the author.
STEP_TEXTS: dict[str, str] = {
    "held": "Una persona lo revisará antes de pasarlo. Si nadie lo revisa a tiempo, pasa igual.",
    "forwarded": "Llegó a {unit}.",
    "escalated": "Nadie lo había visto a tiempo: avisamos al nivel superior.",
    "acknowledged": "Una persona de {unit} lo recibió.",
    "started": "Lo están atendiendo.",
    "assigned": "Lo está atendiendo el personal del sector.",
    "contested": "Dijiste que no estás de acuerdo. Lo volverán a mirar.",
    "enlarged": "Agregaste datos o fotos a tu caso.",
}


class PasoSchema(Schema):
    estado = fields.Str(required=True)
    texto = fields.Str(required=True)
    ocurrido_en = fields.AwareDateTime(required=True)


class LugarAnswerSchema(Schema):
    origen = fields.Str(required=True)
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    precision_m = fields.Float(allow_none=True)
    celda = fields.Str(allow_none=True)
    referencia = fields.Str(required=True)


class AdjuntoSchema(Schema):
    id = fields.Str(required=True)
    tipo = fields.Str(required=True)
    sha256 = fields.Str(required=True)
    estado = fields.Str(
        required=True, metadata={"description": "`en_proceso`, `listo` o `no_se_pudo`."}
    )
    url = fields.Str(required=True, allow_none=True)
    miniatura = fields.Str(required=True, allow_none=True)


class MensajeAnswerSchema(Schema):
    autor = fields.Str(required=True)
    texto = fields.Str(required=True)
    enviado_en = fields.AwareDateTime(required=True)


class CasoSchema(Schema):
    numero = fields.Str(required=True)
    tipo = fields.Str(required=True)
    categoria = fields.Str(required=True)
    estado = fields.Str(required=True)
    visto = fields.Bool(required=True)
    reabierto = fields.Bool(
        required=True,
        metadata={"description": "Si volvió a abrirse porque no estuviste de acuerdo."},
    )
    pasos = fields.List(fields.Nested(PasoSchema), required=True)
    comisaria = fields.Nested(ComisariaSchema, required=True)
    linea = fields.Nested(
        LineaSchema,
        required=True,
        allow_none=True,
        metadata={"description": "A qué línea llamar si hay peligro; null: al 105."},
    )
    distrito = fields.Str(required=True, allow_none=True)
    lugar = fields.Nested(LugarAnswerSchema, required=True)
    descripcion = fields.Str(required=True)
    adjuntos = fields.List(fields.Nested(AdjuntoSchema), required=True)
    mensajes = fields.List(fields.Nested(MensajeAnswerSchema), required=True)
    puede_disentir = fields.Bool(required=True)
    denuncia = fields.Nested(FormalSchema, required=True, allow_none=True)


@blueprint.route("", methods=["GET"])
@blueprint.doc(security=SECURITY)
@blueprint.response(200, CasoSchema)
@problems(401)
def read() -> dict[str, Any]:
    """Ver el caso."""
    return describe(own_report(), parts_of().catalog)


@blueprint.route("/fotos/<uuid:attachment_id>/<any(grande, chica):size>", methods=["GET"])
@blueprint.doc(security=SECURITY)
@blueprint.response(200, content_type="image/jpeg")
@problems(401, 404)
def photo(attachment_id: UUID, size: str) -> Response:
    """Ver una foto del caso, sin los datos que guardan las cámaras."""
    attachment = attachment_of(own_report().id, attachment_id)
    parts = parts_of()
    picture = None
    if attachment is not None:
        picture = open_derivative(attachment, SIZES[size], parts.storage, parts.settings.keys)
    if picture is None:
        raise NotFound("Esa foto no está disponible.")
    return Response(picture, mimetype="image/jpeg")


@blueprint.route("/mensajes", methods=["POST"])
@blueprint.doc(security=SECURITY)
@blueprint.arguments(MensajeSchema)
@blueprint.response(201, MensajeAnswerSchema)
@problems(400, 401, 415, 422)
@limits.limiter.limit(limits.PER_CASE_MESSAGES, key_func=limits.case_key)
def write_message(sent: dict[str, Any]) -> dict[str, Any]:
    """Escribir a la comisaría."""
    now = clock.now()
    journey.add_author_message(own_report().id, sent["texto"].strip(), now)
    return {"autor": "ciudadano", "texto": sent["texto"].strip(), "enviado_en": now}


@blueprint.route("/disconformidad", methods=["POST"])
@blueprint.doc(security=SECURITY)
@blueprint.arguments(DisconformidadSchema)
@blueprint.response(200, CasoSchema)
@problems(400, 401, 409, 415, 422)
@limits.limiter.limit(limits.PER_CASE_MESSAGES, key_func=limits.case_key)
def contest(sent: dict[str, Any]) -> dict[str, Any]:
    """Decir, una sola vez, que no estás de acuerdo con el cierre."""
    reason = (sent["motivo"] or "").strip()
    journey.contest_closure(parts_of(), own_report().id, reason, clock.now())
    return describe(own_report(), parts_of().catalog)


def own_report() -> Report:
    """The report of the presented token, unless its clave was revoked meanwhile."""
    report = db.session.get(Report, g.acceso.report_id)
    if report is None or report.clave_version != g.acceso.clave_version:
        raise Unauthenticated("Tu acceso venció. Escribe otra vez tu número y tu clave.")
    return report


def describe(report: Report, catalog: Catalog) -> dict[str, Any]:
    """The case in the words of the contract; also for the page without JavaScript."""
    unit = db.session.get_one(PoliceUnit, report.unit_id)
    district = district_by_ubigeo(report.ubigeo) if report.ubigeo else None
    photos = attachments_of(report.id)
    states = photo_states(photos)
    subject = catalog.subject(report.categoria)
    steps = _steps(report.kind, history_of(report.id), catalog)
    if steps:
        steps[-1]["texto"] += _shift_words(report, unit, catalog)
    return {
        "numero": report.numero,
        "tipo": report.kind,
        "categoria": subject.nombre,
        "estado": PUBLIC_STATE[report.state],
        "visto": report.is_seen,
        "reabierto": report.contested_at is not None and report.state in OPEN_STATES,
        "pasos": steps,
        "comisaria": {"nombre": unit.name or "", "telefono": unit.phone},
        "linea": urgent_linea_of(subject),
        "distrito": district.name if district else None,
        "lugar": _place(report),
        "descripcion": report.description,
        "adjuntos": [_attachment(one, states[one.id]) for one in photos],
        "mensajes": [_message(one) for one in messages_of(report.id)],
        "puede_disentir": report.state in (State.RESOLVED, State.DISMISSED)
        and report.contested_at is None,
        "denuncia": formal_part(report, catalog),
    }


def _shift_words(report: Report, unit: PoliceUnit, catalog: Catalog) -> str:
    """Why nothing seems to happen to what comes to its desk with the next shift."""
    subject = catalog.subject(report.categoria)
    arrives = journey.arrives_at(subject, report.received_at)
    if report.state is not State.RECEIVED or clock.now() >= arrives:
        return ""
    hour = clock.in_lima(arrives).hour
    when = f"a las {hour}:00" if hour else "a medianoche"
    line = urgent_linea_of(subject)
    number = line["numero"] if line else "105"
    return (
        f" Pasará a {unit.name or 'la unidad'} {when}, con el cambio de turno, para que la hora "
        f"no diga quién avisó. Si hay peligro ahora, llama al {number}."
    )


def _place(report: Report) -> dict[str, Any]:
    lat = lon = None
    if report.point is not None:
        lat, lon = report.lat_lon
    return {
        "origen": report.place_source,
        "lat": lat,
        "lon": lon,
        "precision_m": report.accuracy_m,
        "celda": report.cell,
        "referencia": report.reference,
    }


def _steps(kind: Kind, history: Sequence[HistoryEntry], catalog: Catalog) -> list[dict[str, Any]]:
    names = unit_names({entry.unit_id for entry in history})
    steps = []
    for entry in history:
        text = step_text(kind, entry, catalog, names)
        if text:
            steps.append(
                {"estado": PUBLIC_STATE[entry.state], "texto": text, "ocurrido_en": entry.at}
            )
    return steps


def step_text(
    kind: Kind, entry: HistoryEntry, catalog: Catalog, names: dict[int, str]
) -> str | None:
    """What the author reads of a step; None of what is the machines' business."""
    details = entry.details
    match entry.event:
        case "received":
            return RECEIVED[kind]
        case "verified":
            return catalog.verificacion(details["way"]).text_if_verified
        case "refuted":
            return catalog.verificacion(details["way"]).text_if_refuted
        case "transferred":
            return catalog.traslado(details["reason"]).text_for_citizen
        case "rejected":
            return catalog.rechazo(details["reason"]).text_for_citizen
        case "actuacion":
            return actuacion_text(entry, catalog)
        case "closed":
            return catalog.desenlace(details["outcome"]).text_for_citizen
    text = STEP_TEXTS.get(entry.event)
    return text.format(unit=names[entry.unit_id]) if text else None


def unit_names(unit_ids: set[int]) -> dict[int, str]:
    """What those units are called, for `step_text`."""
    units = db.session.query(PoliceUnit.id, PoliceUnit.name).where(PoliceUnit.id.in_(unit_ids))
    return {unit_id: name or "la comisaría" for unit_id, name in units}


_PHOTO_STATE = {
    AttachmentState.PENDING: "en_proceso",
    AttachmentState.DERIVED: "listo",
    AttachmentState.FAILED: "no_se_pudo",
}


def _attachment(attachment: Attachment, state: AttachmentState) -> dict[str, Any]:
    base = f"/api/v1/caso/fotos/{attachment.id}"
    is_ready = state == AttachmentState.DERIVED
    return {
        "id": str(attachment.id),
        "tipo": attachment.content_type,
        "sha256": attachment.sha256,
        "estado": _PHOTO_STATE[state],
        "url": f"{base}/grande" if is_ready else None,
        "miniatura": f"{base}/chica" if is_ready else None,
    }


def _message(message: Message) -> dict[str, Any]:
    return {"autor": message.author, "texto": message.text, "enviado_en": message.at}
