"""`POST /alertas`: reads a submission, as JSON or multipart, and hands it over."""

import json
import re
from collections.abc import Callable, Set
from typing import Any, cast

from flask import g, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import UnsupportedMediaType

from backend import clock
from backend.app import parts_of
from backend.errors import FieldError, InvalidInput, Malformed, YoAlertoError, wrong_field
from backend.media.models import MAX_PHOTOS
from backend.reports.services import Place
from backend.reports.states import PUBLIC_STATE
from backend.routing.services import location_of
from backend.submission.alerta import Submission, submit_alerta
from backend.submission.intake import Receipt, canonical_json
from backend.territory import queries as territory
from mobile_api import limits
from mobile_api.schemas import DatosSchema, place_from
from mobile_api.spec import ComisariaSchema, problems
from mobile_api.uploads import (
    MAX_REPORT_BYTES,
    discard_uploads,
    drain,
    json_part,
    received_photos,
)

blueprint = Blueprint("alertas", __name__, url_prefix="/api/v1", description="Avisar")

IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
SCHEMA = DatosSchema()


class ReciboSchema(Schema):
    """The answer to a report that is safely stored."""

    numero = fields.Str(required=True, metadata={"example": "YA-7K2M-Q9XD-4"})
    clave = fields.Str(required=True, metadata={"example": "A1B2-C3D4-E5F6-G7H8"})
    estado = fields.Str(required=True)
    recibido_en = fields.AwareDateTime(required=True)
    comisaria = fields.Nested(ComisariaSchema, required=True)


IDEMPOTENCY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Un UUID por envío: repetir con el mismo no crea otro.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
}


def json_or_multipart(schema: Any) -> dict[str, Any]:
    """The description of a body that comes as JSON, or as a form with photos beside it."""
    return {
        "required": True,
        "content": {
            "application/json": {"schema": schema},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["datos"],
                    "properties": {
                        "datos": {
                            "type": "string",
                            "description": "El mismo JSON, como campo o como parte.",
                        },
                        "foto": {
                            "type": "array",
                            "maxItems": MAX_PHOTOS,
                            "items": {"type": "string", "format": "binary"},
                        },
                    },
                },
            },
        },
    }


@blueprint.route("/alertas", methods=["POST"])
@blueprint.doc(
    requestBody=json_or_multipart(DatosSchema),
    security=[{"dispositivo": []}],
    parameters=[IDEMPOTENCY_HEADER],
)
@blueprint.response(201, ReciboSchema)
@problems(400, 401, 413, 415, 422, 507)
@limits.limiter.limit(limits.PER_ADDRESS_ALERTS, exempt_when=limits.limits_are_lifted)
@limits.limiter.limit(
    limits.PER_PHONE_ALERTS, key_func=limits.phone_key, exempt_when=limits.limits_are_lifted
)
def create() -> dict[str, Any]:
    """Enviar una alerta o un factor de riesgo, con hasta cuatro fotos."""

    def hand_over(key: str) -> dict[str, Any]:
        return as_json(submit(read_datos(), request.files.getlist("foto"), g.device, key))

    return take_in(hand_over)


def take_in(hand_over: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Read the Idempotency-Key and hand the request over; who is refused hears why."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = MAX_REPORT_BYTES
    key = request.headers.get("Idempotency-Key", "")
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise Malformed("Falta la cabecera Idempotency-Key: un UUID distinto por cada reporte.")
    try:
        return hand_over(key)
    except BaseException:
        drain(request.stream)
        raise


def submit(datos: Any, files: list[FileStorage], credential: str, key: str) -> Receipt:
    """Check what was sent and hand it over.

    Raises `ValidationError`, or an error of `backend.errors`. The citizen's page without
    JavaScript calls it, too.
    """

    def hand_over() -> Receipt:
        told, photos = submission_in(SCHEMA, datos), received_photos(files)
        return submit_alerta(
            parts_of(), told, photos, credential=credential, idempotency_key=key, now=clock.now()
        )

    return without_leftovers(hand_over)


def without_leftovers(hand_over: Callable[[], Receipt]) -> Receipt:
    """Hand over; of a refused or repeated report no photo stays behind."""
    try:
        receipt = hand_over()
    except (YoAlertoError, ValidationError):
        discard_uploads()
        raise
    # Any other error may have come after the commit: what nobody refers to, the sweep removes.
    if receipt.is_repeated:
        discard_uploads()
    return receipt


def read_datos() -> Any:
    """The JSON of `datos`, whichever of the three ways it came; raises `Malformed`."""
    if request.mimetype == "application/json":
        raw: bytes | str = request.get_data()
    elif request.mimetype == "multipart/form-data":
        refuse_other_parts(files={"foto", "datos"}, fields={"datos"})
        part = request.files.get("datos")
        raw = json_part(part) if part is not None else request.form.get("datos", "")
    else:
        raise UnsupportedMediaType
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("El campo `datos` debe ser un JSON válido.") from None


def as_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt in the words of the contract."""
    return {
        "numero": receipt.numero,
        "clave": receipt.clave,
        "estado": PUBLIC_STATE[receipt.state],
        "recibido_en": receipt.received_at,
        "comisaria": {"nombre": receipt.unit_name, "telefono": receipt.unit_phone},
    }


def submission_in(schema: DatosSchema, datos: Any) -> Submission:
    """The checked `datos`; raises `ValidationError`, or `InvalidInput` for a place abroad."""
    checked = cast(dict[str, Any], schema.load(datos))
    return Submission(
        categoria=parts_of().catalog.categoria(checked["categoria"]),
        place=place_of(checked["lugar"]),
        occurred_at=checked.get("ocurrido_en"),
        is_ongoing=checked["en_curso"],
        description=(checked["descripcion"] or "").strip(),
        canonical=canonical_json(schema.dump(checked)),
    )


def place_of(lugar: dict[str, Any]) -> Place:
    """The checked `lugar`, its district looked up; raises `InvalidInput` for a point abroad."""
    district = (lugar.get("distrito") or "").strip()
    ubigeo = _ubigeo(district) if district else None
    place = place_from(lugar, ubigeo)
    _refuse_abroad(place)
    if district and ubigeo is None:
        # A district that we do not know still tells the comisaría where to look.
        words = ". ".join(filter(None, (district, place.reference)))
        return Place(**{**vars(place), "reference": words})
    return place


def _refuse_abroad(place: Place) -> None:
    try:
        location_of(place)
    except InvalidInput as abroad:
        in_cell = place.point_wkt is None
        raise InvalidInput(
            abroad.detail,
            tuple(
                FieldError("lugar.celda" if in_cell else f"lugar.{one.field}", one.message)
                for one in abroad.errors
            ),
        ) from None


def _ubigeo(district: str) -> str | None:
    if district.isascii() and district.isdigit():
        found = territory.district_by_ubigeo(district)
        return found.ubigeo if found else None
    same = [one for one in territory.districts_named(district) if len(one.name) == len(district)]
    return same[0].ubigeo if len(same) == 1 else None


def refuse_other_parts(files: Set[str], fields: Set[str]) -> None:
    """A part that nobody knows is refused rather than dropped: its sender meant something."""
    unknown = (set(request.files) - files) | (set(request.form) - fields)
    if unknown:
        # A part whose name no parser understood has none.
        name = min(str(one or "datos") for one in unknown)
        raise wrong_field(name[:40], "No conocemos este dato.")
