"""The public risk map: tiles of classes, and the classes around a wide cell."""

import gzip
from functools import lru_cache
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from backend.riskmap import queries as riskmap
from backend.riskmap.models import Capa
from mobile_api import limits
from mobile_api.schemas import SpanishSchema
from mobile_api.spec import problems

blueprint = Blueprint("riesgo", __name__, url_prefix="/api/v1", description="Mapa de riesgo")

MVT = "application/vnd.mapbox-vector-tile"
CACHE = "public, max-age=600"
# One map takes some thirty tiles, and a carrier's NAT hides thousands of phones.
PER_ADDRESS_TILES = "6000 per minute"
TILES_IN_MEMORY = 256


class CapaSchema(SpanishSchema):
    capa = fields.String(
        load_default=Capa.INTEGRADO.value,
        validate=validate.OneOf(
            [capa.value for capa in Capa], error="Elige delito, riesgo o integrado."
        ),
    )


class CeldaSchema(Schema):
    celda = fields.Str(required=True, metadata={"description": "Celda H3 de resolución 7, 8 o 9."})
    clase = fields.Int(
        required=True,
        metadata={
            "description": "De 1 (menos reportes) a 4 (más reportes), dentro de su distrito.",
            "minimum": 1,
            "maximum": 4,
        },
    )


class ZonaSchema(Schema):
    celdas = fields.List(fields.Nested(CeldaSchema), required=True)
    publicado_en = fields.AwareDateTime(required=True, allow_none=True)


@blueprint.route(
    "/riesgo/<any(delito, riesgo, integrado):capa>/<int:z>/<int:x>/<int:y>.mvt", methods=["GET"]
)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=MVT)
@blueprint.alt_response(304, description="No ha cambiado desde la ETag que mandaste.")
@problems(404, 422)
@limits.limiter.limit(PER_ADDRESS_TILES)
def tile(capa: str, z: int, x: int, y: int) -> Response:
    """Zonas con más reportes, como tesela vectorial: capa `riesgo`, con `celda` y `clase`.

    Donde no hay celda no hay información. Se publica a lo más una vez por hora; z va de 10 a 16.
    """
    version = riskmap.publication().version
    plain, compressed = _tile(version, Capa(capa), z, x, y)
    accepts_gzip = request.accept_encodings["gzip"] > 0
    response = Response(compressed if accepts_gzip else plain, mimetype=MVT)
    if accepts_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return _cached(response, version)


@blueprint.route("/riesgo/zonas/<string:celda_r7>", methods=["GET"])
@blueprint.arguments(CapaSchema, location="query")
@blueprint.response(200, ZonaSchema)
@problems(404, 422)
def zones(asked: dict[str, Any], celda_r7: str) -> Any:
    """Clases de las celdas que hay dentro de una celda H3 de resolución 7.

    Así el servidor no necesita saber dónde está la persona.
    """
    found = riskmap.zone_classes(celda_r7, Capa(asked["capa"]))
    publication = riskmap.publication()
    answer = {
        "celdas": [zone._asdict() for zone in found],
        "publicado_en": publication.published_at,
    }
    return answer, 200, {"Cache-Control": CACHE}


@lru_cache(maxsize=TILES_IN_MEMORY)
def _tile(version: str, capa: Capa, z: int, x: int, y: int) -> tuple[bytes, bytes]:
    """A tile, plain and compressed; `version` makes a new publication a new entry."""
    plain = riskmap.public_tile(capa, z, x, y)
    return plain, gzip.compress(plain, mtime=0)


def _cached(response: Response, version: str) -> Response:
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(version, weak=True)
    response.make_conditional(request)
    return response
