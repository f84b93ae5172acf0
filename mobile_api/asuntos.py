"""What can be denounced or complained of, what cannot be here, and the form of each."""

import gzip
import hashlib
import json
from functools import lru_cache
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from backend.app import parts_of
from backend.catalog.models import Asunto, Desvio, UnknownCode
from backend.errors import NotFound
from mobile_api.lugares import CATALOGUE_SECONDS, LineaSchema, linea_of
from mobile_api.spec import problems

blueprint = Blueprint("asuntos", __name__, url_prefix="/api/v1", description="Antes de denunciar")

FORM = {
    "type": "object",
    "description": "El formulario, como JSON Schema 2020-12: describe los `datos` de "
    "`POST /denuncias`. `x-pasos` da el orden de las preguntas; `x-mensajes`, los errores.",
    "required": ["title", "type", "properties", "x-pasos"],
}
CACHE = f"public, max-age={CATALOGUE_SECONDS}"


class AsuntoSchema(Schema):
    codigo = fields.Str(required=True)
    nombre = fields.Str(required=True)
    ayuda = fields.Str(required=True)
    tipo = fields.Str(
        required=True,
        metadata={"enum": ["denuncia", "queja"], "description": "Una queja no pide identidad."},
    )
    icono = fields.Str(required=True)
    sensible = fields.Bool(required=True)
    plazo_dias = fields.Int(
        required=True, metadata={"description": "Días hábiles en que la unidad debe responder."}
    )
    linea = fields.Nested(LineaSchema, required=True, allow_none=True)


class DesvioSchema(Schema):
    codigo = fields.Str(required=True)
    nombre = fields.Str(required=True)
    texto = fields.Str(required=True)
    linea = fields.Nested(LineaSchema, required=True, allow_none=True)
    ir_a = fields.Str(
        required=True,
        allow_none=True,
        metadata={"enum": ["alerta", "comisaria", None], "description": "A dónde ir, además."},
    )


class AsuntosSchema(Schema):
    asuntos = fields.List(fields.Nested(AsuntoSchema), required=True)
    desvios = fields.List(
        fields.Nested(DesvioSchema),
        required=True,
        metadata={"description": "Lo que no se denuncia aquí: se dice primero."},
    )


@blueprint.route("/asuntos", methods=["GET"])
@blueprint.response(200, AsuntosSchema)
@blueprint.alt_response(304, description="No ha cambiado desde la ETag que mandaste.")
@problems()
def asuntos() -> Response:
    """Lo que se puede denunciar, las quejas, y lo que no se denuncia aquí."""
    return _cached(offered())


@blueprint.route("/asuntos/<codigo>", methods=["GET"])
@blueprint.response(200, FORM)
@blueprint.alt_response(304, description="No ha cambiado desde la ETag que mandaste.")
@problems(404)
def form(codigo: str) -> Response:
    """El formulario de un asunto, completo."""
    try:
        asunto = parts_of().catalog.asunto(codigo)
    except UnknownCode:
        raise NotFound("Ese asunto no existe. Elige uno de la lista.") from None
    return _cached(asunto.form)


def offered() -> dict[str, Any]:
    """The same for the page, which brings it along."""
    catalog = parts_of().catalog
    return {
        "asuntos": [_asunto(one) for one in catalog.asuntos.values()],
        "desvios": [_desvio(one) for one in catalog.desvios.values()],
    }


def _asunto(asunto: Asunto) -> dict[str, Any]:
    return {
        "codigo": asunto.codigo,
        "nombre": asunto.nombre,
        "ayuda": asunto.ayuda,
        "tipo": asunto.kind,
        "icono": asunto.icono,
        "sensible": asunto.sensible,
        "plazo_dias": asunto.answer_days,
        "linea": linea_of(asunto),
    }


def _desvio(desvio: Desvio) -> dict[str, Any]:
    return {
        "codigo": desvio.codigo,
        "nombre": desvio.nombre,
        "texto": desvio.texto,
        "linea": linea_of(desvio),
        "ir_a": desvio.ir_a,
    }


def _cached(body: Any) -> Response:
    """Without blanks, and compressed: a form of 20 KB travels as 4 over a slow network."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    plain, compressed = _encoded(text)
    accepts_gzip = request.accept_encodings["gzip"] > 0
    response = Response(compressed if accepts_gzip else plain, mimetype="application/json")
    if accepts_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(hashlib.sha256(plain).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response


@lru_cache(maxsize=64)
def _encoded(text: str) -> tuple[bytes, bytes]:
    plain = text.encode()
    return plain, gzip.compress(plain, mtime=0)
