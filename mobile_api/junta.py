"""A coordinator's phone: bound once by the comisaría's code, opened by its PIN for half an hour."""

from datetime import timedelta
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from backend import clock
from backend.app import parts_of
from backend.boards import access
from backend.boards.standing import Standing, middle_of
from mobile_api import limits
from mobile_api.schemas import REQUIRED, SpanishSchema, clean_text
from mobile_api.spec import ComisariaSchema, problems

blueprint = Blueprint("junta", __name__, url_prefix="/api/v1/junta", description="Junta vecinal")

# How long before its end the phone reminds of going to the comisaría.
REMINDED = timedelta(days=15)


def _pin() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9]{6}$", error="El PIN tiene 6 cifras."),
        error_messages={"required": REQUIRED, "null": REQUIRED, "invalid": "Debe ser texto."},
        metadata={"example": "482913"},
    )


class InscripcionSchema(SpanishSchema):
    """What binds a phone: the code that the comisaría showed, and a PIN of one's own."""

    codigo = clean_text(64, required=True, metadata={"description": "Del QR, o escrito a mano."})
    pin = _pin()


class InscritoSchema(Schema):
    secreto = fields.Str(
        required=True, metadata={"description": "Guárdalo en el teléfono: no se vuelve a dar."}
    )
    vigente_hasta = fields.Date(
        required=True, metadata={"description": "Último día del acceso; se renueva en persona."}
    )


class SesionSchema(SpanishSchema):
    """What opens the junta's part for half an hour."""

    secreto = clean_text(64, required=True)
    pin = _pin()


class JuntaSchema(Schema):
    nombre = fields.Str(required=True)


class CentroSchema(Schema):
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class SesionAbiertaSchema(Schema):
    acceso = fields.Str(required=True, metadata={"description": "Por 30 minutos, para `/junta`."})
    vence_en = fields.AwareDateTime(required=True)
    junta = fields.Nested(JuntaSchema, required=True)
    comisaria = fields.Nested(ComisariaSchema, required=True)
    centro = fields.Nested(
        CentroSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Dónde empieza el mapa: la zona de la junta o su comisaría."},
    )
    distrito = fields.Str(
        required=True,
        allow_none=True,
        metadata={"description": "Ubigeo de la junta, o el de su comisaría.", "example": "150103"},
    )
    vigente_hasta = fields.Date(required=True)
    aviso = fields.Str(
        required=True,
        allow_none=True,
        metadata={"description": "Qué conviene hacer, si el acceso está por vencer."},
    )


@blueprint.route("/inscripcion", methods=["POST"])
@blueprint.arguments(InscripcionSchema)
@blueprint.response(201, InscritoSchema)
@problems(400, 403, 415, 422)
@limits.limiter.limit(limits.PER_ADDRESS_ENROLMENTS)
def enrol_phone(sent: dict[str, Any]) -> dict[str, Any]:
    """Unir este teléfono a la junta, con el código que da la comisaría en persona.

    El código sirve una sola vez y por quince minutos. Un PIN fácil de adivinar no se acepta.
    """
    parts = parts_of()
    enrolled = access.enrol(
        parts.settings.keys, parts.catalog, sent["codigo"], sent["pin"], clock.now()
    )
    return {"secreto": enrolled.secret, "vigente_hasta": enrolled.valid_until}


@blueprint.route("/sesion", methods=["POST"])
@blueprint.arguments(SesionSchema)
@blueprint.response(200, SesionAbiertaSchema)
@problems(400, 401, 403, 415, 422)
@limits.limiter.limit(limits.PER_ADDRESS_PINS)
@limits.limiter.limit(limits.PER_PHONE_PINS, key_func=limits.secret_key)
def open_session(sent: dict[str, Any]) -> dict[str, Any]:
    """Entrar a la parte de la junta con el PIN.

    Un teléfono desconocido y un PIN equivocado responden lo mismo: 401. Si el acceso terminó,
    403 con la razón y qué hacer.
    """
    parts, now = parts_of(), clock.now()
    session = access.open_session(
        parts.settings.keys, parts.catalog, sent["secreto"], sent["pin"], now
    )
    standing = session.standing
    middle = middle_of(standing.junta_id)
    return {
        "acceso": session.token,
        "vence_en": session.until,
        "junta": {"nombre": standing.junta_name},
        "comisaria": {"nombre": standing.unit_name or "", "telefono": standing.unit_phone},
        "centro": {"lat": middle[0], "lon": middle[1]} if middle else None,
        "distrito": standing.ubigeo,
        "vigente_hasta": standing.last_day,
        "aviso": _reminder(standing),
    }


def _reminder(standing: Standing) -> str | None:
    if standing.last_day > clock.in_lima(clock.now()).date() + REMINDED:
        return None
    return (
        f"Tu acceso vence el {standing.last_day:%d/%m/%Y}. "
        "Acércate antes a tu comisaría para renovarlo."
    )
