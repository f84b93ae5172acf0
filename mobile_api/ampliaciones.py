"""`POST /caso/ampliaciones`: the author adds facts and photos to the case."""

from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields

from backend import clock
from backend.app import parts_of
from backend.errors import Malformed, YoAlertoError
from backend.reports.models import MAX_MESSAGE
from backend.submission.ampliacion import submit_ampliacion
from mobile_api import limits
from mobile_api.alertas import IDEMPOTENCY_HEADER, IDEMPOTENCY_KEY, refuse_other_parts
from mobile_api.caso import SECURITY, CasoSchema, describe, own_report
from mobile_api.schemas import SpanishSchema, clean_text
from mobile_api.spec import problems
from mobile_api.uploads import MAX_REPORT_BYTES, discard_uploads, drain, received_photos

blueprint = Blueprint("ampliaciones", __name__, url_prefix="/api/v1/caso", description="Tu caso")


class AmpliacionSchema(SpanishSchema):
    """What the author adds in words."""

    texto = clean_text(MAX_MESSAGE, load_default="", allow_none=True)


class AmpliacionFormSchema(Schema):
    """The same as a form, with photos."""

    texto = fields.Str()
    foto = fields.List(fields.Raw(metadata={"type": "string", "format": "binary"}))


BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": AmpliacionSchema},
        "multipart/form-data": {"schema": AmpliacionFormSchema},
    },
}


@blueprint.route("/ampliaciones", methods=["POST"])
@blueprint.doc(security=SECURITY, requestBody=BODY, parameters=[IDEMPOTENCY_HEADER])
@blueprint.response(201, CasoSchema)
@problems(400, 401, 413, 415, 422, 507)
@limits.limiter.limit(limits.PER_CASE_MESSAGES, key_func=limits.case_key)
def create() -> dict[str, Any]:
    """Agregar hechos o hasta cuatro fotos a tu caso."""
    report = own_report()
    if request.mimetype == "multipart/form-data":
        request.max_content_length = MAX_REPORT_BYTES
    key = request.headers.get("Idempotency-Key", "")
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise Malformed("Falta la cabecera Idempotency-Key: un UUID distinto por cada envío.")
    try:
        _add(report.id, key)
    except BaseException:
        drain(request.stream)
        raise
    return describe(own_report(), parts_of().catalog)


def _add(report_id: UUID, key: str) -> None:
    try:
        is_new = _submit(report_id, key)
    except (YoAlertoError, ValidationError):
        discard_uploads()
        raise
    # Any other error may have come after the commit: what nobody refers to, the sweep removes.
    if not is_new:
        discard_uploads()


def _submit(report_id: UUID, key: str) -> bool:
    if request.mimetype == "multipart/form-data":
        refuse_other_parts(files={"foto"}, fields={"texto"})
        sent = AmpliacionSchema().load({"texto": request.form.get("texto", "")})
        photos = received_photos(request.files.getlist("foto"))
    else:
        sent, photos = AmpliacionSchema().load(request.get_json()), []
    text = (sent["texto"] or "").strip()
    return submit_ampliacion(
        parts_of(), report_id, text, photos, idempotency_key=key, now=clock.now()
    )
