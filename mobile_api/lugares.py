"""What a phone asks before reporting: categories, who would receive it, lines to call."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from backend import clock
from backend.app import parts_of
from backend.catalog import queries as catalog
from backend.catalog.models import Categoria, Desvio
from backend.errors import wrong_field
from backend.reports.models import PlaceSource
from backend.reports.services import Place
from backend.routing.services import route
from backend.territory import queries as territory
from backend.territory.location import Location
from mobile_api.schemas import AtencionSchema, PuntoSchema
from mobile_api.spec import ComisariaSchema, problems

blueprint = Blueprint("lugares", __name__, url_prefix="/api/v1", description="Antes de avisar")

CATALOGUE_SECONDS = 3600
TILE_SECONDS = 3600


class LineaSchema(Schema):
    numero = fields.Str(required=True)
    nombre = fields.Str(required=True)


class LineaConUsoSchema(LineaSchema):
    para_que = fields.Str(required=True)


class CategoriaSchema(Schema):
    codigo = fields.Str(required=True)
    nombre = fields.Str(required=True)
    ayuda = fields.Str(required=True)
    tipo = fields.Str(required=True)
    grupo = fields.Str(required=True)
    prioridad = fields.Int(required=True)
    icono = fields.Str(required=True)
    sensible = fields.Bool(required=True)
    publica = fields.Bool(required=True)
    linea = fields.Nested(LineaSchema, required=True, allow_none=True)


class CategoriasSchema(Schema):
    categorias = fields.List(fields.Nested(CategoriaSchema), required=True)


class CercanaSchema(ComisariaSchema):
    distancia_m = fields.Int(required=True)
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class AtencionAnswerSchema(Schema):
    comisaria = fields.Nested(ComisariaSchema, required=True)
    atendida = fields.Bool(required=True)
    linea = fields.Nested(LineaSchema, required=True, allow_none=True)
    cercana = fields.Nested(CercanaSchema, required=True, allow_none=True)


class CercanasSchema(Schema):
    comisarias = fields.List(fields.Nested(CercanaSchema), required=True)


class EmergenciasSchema(Schema):
    lineas = fields.List(fields.Nested(LineaConUsoSchema), required=True)


@blueprint.route("/categorias", methods=["GET"])
@blueprint.response(200, CategoriasSchema)
@problems()
def categorias() -> Any:
    """Lo que se puede reportar."""
    found = [categoria_as_json(one) for one in parts_of().catalog.categorias.values()]
    return {"categorias": found}, 200, _cached(CATALOGUE_SECONDS)


@blueprint.route("/atencion", methods=["POST"])
@blueprint.arguments(AtencionSchema)
@blueprint.response(200, AtencionAnswerSchema)
@problems(400, 415, 422)
def atencion(asked: dict[str, Any]) -> dict[str, Any]:
    """Quién recibiría el reporte, si alguien lo está mirando ahora y a qué línea llamar."""
    categoria = parts_of().catalog.categoria(asked["categoria"])
    location = Location(asked["lat"], asked["lon"])
    if categoria.sensible:
        raise wrong_field("lat", "Por tu seguridad, para este tema no recibimos un punto exacto.")
    place = Place(PlaceSource.MAPA, location.lat, location.lon)
    found = route(categoria, place, clock.now())
    near = territory.nearest_units(location, limit=1)
    return {
        "comisaria": {"nombre": found.unit_name, "telefono": found.unit_phone},
        "atendida": found.is_attended,
        "linea": linea_of(categoria),
        "cercana": _near(near[0]) if near else None,
    }


@blueprint.route("/comisarias/cerca", methods=["POST"])
@blueprint.arguments(PuntoSchema)
@blueprint.response(200, CercanasSchema)
@problems(400, 415, 422)
def comisarias_cerca(asked: dict[str, Any]) -> dict[str, Any]:
    """Las comisarías más cercanas a un punto, que no se guarda."""
    location = Location(asked["lat"], asked["lon"])
    return {"comisarias": [_near(unit) for unit in territory.nearest_units(location)]}


@blueprint.route("/emergencias", methods=["GET"])
@blueprint.response(200, EmergenciasSchema)
@problems()
def emergencias() -> Any:
    """Líneas de emergencia vigentes hoy."""
    today = clock.in_lima(clock.now()).date()
    lines = catalog.lineas_in_force(parts_of().catalog, today)
    found = [
        {"numero": one.numero, "nombre": one.nombre, "para_que": one.para_que} for one in lines
    ]
    return {"lineas": found}, 200, _cached(CATALOGUE_SECONDS)


@blueprint.route("/territorio/<int:z>/<int:x>/<int:y>.mvt", methods=["GET"])
@blueprint.response(200, content_type="application/vnd.mapbox-vector-tile")
@problems(404)
def borders(z: int, x: int, y: int) -> Response:
    """Límites de distritos y de comisarías, como teselas vectoriales."""
    tile = territory.border_tile(z, x, y)
    headers = {"Cache-Control": f"public, max-age={TILE_SECONDS}"}
    return Response(tile, mimetype="application/vnd.mapbox-vector-tile", headers=headers)


def categoria_as_json(categoria: Categoria) -> dict[str, Any]:
    """A category in the words of the contract."""
    return {
        "codigo": categoria.codigo,
        "nombre": categoria.nombre,
        "ayuda": categoria.ayuda,
        "tipo": categoria.tipo.value,
        "grupo": categoria.grupo,
        "prioridad": categoria.prioridad,
        "icono": categoria.icono,
        "sensible": categoria.sensible,
        "publica": categoria.publica,
        "linea": linea_of(categoria),
    }


def urgent_linea_of(subject: Categoria | Desvio) -> dict[str, str] | None:
    """The line for danger about this; None means 105."""
    today = clock.in_lima(clock.now()).date()
    line = catalog.urgent_linea_for(parts_of().catalog, subject, today)
    return {"numero": line.numero, "nombre": line.nombre} if line else None


def linea_of(subject: Categoria | Desvio) -> dict[str, str] | None:
    today = clock.in_lima(clock.now()).date()
    line = catalog.linea_for(parts_of().catalog, subject, today)
    return {"numero": line.numero, "nombre": line.nombre} if line else None


def _near(unit: territory.NearUnit) -> dict[str, Any]:
    return {
        "nombre": unit.name,
        "telefono": unit.phone,
        "distancia_m": round(unit.distance_m),
        "lat": unit.lat,
        "lon": unit.lon,
    }


def _cached(seconds: int) -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={seconds}"}
