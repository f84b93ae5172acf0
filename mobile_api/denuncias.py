"""`POST /denuncias`: reads the form of an asunto, as JSON or multipart, and hands it over."""

from typing import Any, cast

from flask import g, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import FileStorage

from backend import clock
from backend.app import parts_of
from backend.catalog import forms
from backend.catalog.models import Asunto
from backend.errors import FieldError, InvalidInput, Malformed, YoAlertoError, wrong_field
from backend.media.services import ReceivedPhoto
from backend.reports.models import PlaceSource
from backend.reports.services import Place
from backend.routing.services import Complained, Level
from backend.submission.denuncia import Denouncement, submit_denuncia
from backend.submission.intake import Receipt
from backend.territory.models import UnitKind
from backend.territory.queries import district_names, unit_coded, units_named
from mobile_api import alertas, limits
from mobile_api.alertas import (
    IDEMPOTENCY_HEADER,
    IDEMPOTENCY_KEY,
    ReciboSchema,
    json_or_multipart,
)
from mobile_api.problems import field_errors
from mobile_api.schemas import LugarSchema, SpanishSchema, clean_text
from mobile_api.spec import problems
from mobile_api.uploads import (
    MAX_JSON_PART_BYTES,
    MAX_REPORT_BYTES,
    discard_uploads,
    drain,
    received_photos,
)

blueprint = Blueprint("denuncias", __name__, url_prefix="/api/v1", description="Denunciar")

MOST_UNITS = 20
# What nobody complains of: a sector is part of its comisaría, the desk of last resort of no unit.
NOT_COMPLAINED_OF = frozenset({UnitKind.SECTOR, UnitKind.FALLBACK_DESK})


class AvisoSchema(Schema):
    campo = fields.Str(required=True)
    mensaje = fields.Str(required=True)


class ReciboDeDenunciaSchema(ReciboSchema):
    """The answer to a denuncia or queja that is safely stored."""

    vence_el = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Hasta cuándo responderán; null si el caso ya terminó."},
    )
    pasa_en = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "Cuándo pasa a su unidad, si espera al cambio de turno."},
    )
    constancia = fields.Bool(
        required=True, metadata={"description": "Si `GET /caso/constancia` da una."}
    )
    avisos = fields.List(
        fields.Nested(AvisoSchema),
        required=True,
        metadata={"description": "Lo que parece mal escrito, aunque se recibió."},
    )


FORM: dict[str, Any] = {
    "type": "object",
    "required": ["asunto"],
    "properties": {"asunto": {"type": "string", "example": "robo_celular_denuncia"}},
    "additionalProperties": True,
    "description": "Lo que describe `formulario` en `GET /asuntos/{codigo}`.",
}


@blueprint.route("/denuncias", methods=["POST"])
@blueprint.doc(
    requestBody=json_or_multipart(FORM),
    security=[{"dispositivo": []}],
    parameters=[IDEMPOTENCY_HEADER],
)
@blueprint.response(201, ReciboDeDenunciaSchema)
@problems(400, 401, 409, 413, 415, 422, 507)
@limits.limiter.limit(limits.PER_ADDRESS_ALERTS, exempt_when=limits.limits_are_lifted)
@limits.limiter.limit(
    limits.PER_PHONE_ALERTS, key_func=limits.phone_key, exempt_when=limits.limits_are_lifted
)
def create() -> dict[str, Any]:
    """Enviar una denuncia o una queja, con hasta cuatro fotos."""
    is_form = request.mimetype == "multipart/form-data"
    request.max_content_length = MAX_REPORT_BYTES if is_form else MAX_JSON_PART_BYTES
    key = request.headers.get("Idempotency-Key", "")
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise Malformed("Falta la cabecera Idempotency-Key: un UUID distinto por cada denuncia.")
    try:
        return _submit(alertas.read_datos(), request.files.getlist("foto"), g.device, key)
    except BaseException:
        drain(request.stream)
        raise


def _submit(datos: Any, files: list[FileStorage], credential: str, key: str) -> dict[str, Any]:
    """Check what was sent and hand it over; of a refused denuncia no photo stays behind."""
    now = clock.now()
    try:
        asunto = forms.asunto_of(parts_of().catalog, datos)
        checked = forms.read(asunto, datos)
        forms.refuse_the_future(asunto, checked, now)
        told = _denouncement(asunto, checked)
        photos: list[ReceivedPhoto] = received_photos(files)
        receipt = submit_denuncia(
            parts_of(), told, photos, credential=credential, idempotency_key=key, now=now
        )
    except (YoAlertoError, ValidationError):
        discard_uploads()
        raise
    # Any other error may have come after the commit: what nobody refers to, the sweep removes.
    if receipt.is_repeated:
        discard_uploads()
    return _as_json(asunto, checked, receipt)


def _denouncement(asunto: Asunto, datos: dict[str, Any]) -> Denouncement:
    hecho = datos["hecho"]
    return Denouncement(
        categoria=asunto,
        place=_place(hecho.get("lugar")),
        occurred_at=forms.instant(hecho.get("desde")),
        is_ongoing=False,
        description=hecho["relato"],
        asunto=asunto,
        datos=datos,
        complained=_complained(datos.get("denunciado")),
    )


def _place(lugar: dict[str, Any] | None) -> Place:
    if lugar is None:
        return Place(PlaceSource.REFERENCIA)
    try:
        checked = cast(dict[str, Any], LugarSchema().load(lugar))
    except ValidationError as wrong:
        raise InvalidInput(
            "Revisa los datos marcados.", field_errors(wrong.messages, "hecho.lugar")
        ) from None
    try:
        return alertas.place_of(checked)
    except InvalidInput as abroad:
        raise InvalidInput(
            abroad.detail,
            tuple(FieldError(f"hecho.{one.field}", one.message) for one in abroad.errors),
        ) from None


def _complained(denunciado: dict[str, Any] | None) -> Complained | None:
    if denunciado is None:
        return None
    level = Level(denunciado["nivel"])
    if level is not Level.UNIT:
        return Complained(level)
    unit = unit_coded(str(denunciado.get("unidad", "")))
    if unit is None or unit.kind in NOT_COMPLAINED_OF:
        raise wrong_field(
            "denunciado.unidad", "Busca la unidad por su nombre y elígela, o marca «No sé»."
        )
    return Complained(level, unit.id)


def _as_json(asunto: Asunto, datos: dict[str, Any], receipt: Receipt) -> dict[str, Any]:
    warnings = forms.warnings(asunto, datos, clock.now())
    return alertas.as_json(receipt) | {
        "vence_el": receipt.answer_by,
        "pasa_en": receipt.passes_on_at,
        "constancia": not asunto.is_queja,
        "avisos": [{"campo": one.field, "mensaje": one.message} for one in warnings],
    }


# Choosing the unit that is complained of


class BuscarUnidadSchema(SpanishSchema):
    """A few letters of its name."""

    texto = clean_text(60, required=True)


class UnidadSchema(Schema):
    codigo = fields.Str(required=True)
    nombre = fields.Str(required=True)
    distrito = fields.Str(required=True, allow_none=True)


class UnidadesSchema(Schema):
    unidades = fields.List(fields.Nested(UnidadSchema), required=True)


@blueprint.route("/unidades", methods=["POST"])
@blueprint.arguments(BuscarUnidadSchema)
@blueprint.response(200, UnidadesSchema)
@problems(400, 415, 422)
def units(asked: dict[str, Any]) -> dict[str, Any]:
    """Buscar por su nombre la unidad de la que es la queja."""
    words = asked["texto"].strip()
    found = units_named(words, MOST_UNITS * 2) if words else []
    named = [unit for unit in found if unit.name and unit.kind not in NOT_COMPLAINED_OF]
    districts = district_names({unit.ubigeo for unit in named if unit.ubigeo})
    return {
        "unidades": [
            {
                "codigo": unit.code,
                "nombre": unit.name,
                "distrito": districts.get(unit.ubigeo or ""),
            }
            for unit in named[:MOST_UNITS]
        ]
    }
