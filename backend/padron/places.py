"""Where a roster's rows belong: comisarías as a loader names them, and areas in three notations."""

import json
import re

import shapely
from shapely.errors import ShapelyError
from sqlalchemy import select

from backend.db import db
from backend.padron.cells import Wrong
from backend.padron.columns import bare
from backend.territory.models import PoliceUnit, UnitKind
from backend.territory.queries import in_force, subtree_ids, today

NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
POINT = re.compile(rf"({NUMBER})\s*,\s*({NUMBER})")
AREA = "Escriba el área como WKT, GeoJSON o puntos «latitud,longitud; latitud,longitud; …»."


class Comisarias:
    """The comisarías that an import may fill: one for an office, many for a loader."""

    def __init__(self, unit_id: int, *, is_loader: bool) -> None:
        below = subtree_ids(unit_id, today()) if is_loader else [unit_id]
        query = select(PoliceUnit.id, PoliceUnit.code, PoliceUnit.name).where(
            PoliceUnit.id.in_(below), PoliceUnit.kind == UnitKind.COMISARIA, in_force(today())
        )
        self._codes: dict[str, int] = {}
        self._names: dict[str, list[int]] = {}
        for one_id, code, name in db.session.execute(query):
            self._codes[code.strip().upper()] = one_id
            self._names.setdefault(bare(name or code), []).append(one_id)
        self._own_id = unit_id if unit_id in self._codes.values() else None
        self._is_loader = is_loader

    def meant(self, words: str) -> int:
        """The comisaría of a row; raises `Wrong`. Nothing said means the own one."""
        if not words:
            if self._own_id is None:
                raise Wrong("Falta la comisaría de la junta: escriba su código o su nombre.")
            return self._own_id
        found = self._codes.get(words.upper())
        named = [found] if found is not None else self._names.get(bare(words), [])
        if len(named) == 1:
            return named[0]
        if named:
            raise Wrong("Hay varias comisarías con ese nombre: escriba el código.")
        if self._is_loader:
            raise Wrong("No está entre las comisarías de su unidad: revise el código o el nombre.")
        raise Wrong("No es su comisaría: aquí solo se carga el padrón de la suya.")


def as_geojson(words: str) -> str:
    """An area written as WKT, GeoJSON or a ring of points, as GeoJSON; raises `Wrong`."""
    text = words.strip()
    if text.startswith("{"):
        return text
    if re.match(r"(SRID=4326;)?\s*(MULTI)?POLYGON", text, re.IGNORECASE):
        return _from_wkt(re.sub(r"^SRID=4326;\s*", "", text, flags=re.IGNORECASE))
    return _from_points(text)


def _from_wkt(text: str) -> str:
    try:
        return str(shapely.to_geojson(shapely.from_wkt(text)))
    except (ShapelyError, ValueError):
        raise Wrong(AREA) from None


def _from_points(text: str) -> str:
    pairs = [POINT.fullmatch(piece.strip()) for piece in text.split(";") if piece.strip()]
    ring = [[float(pair[2]), float(pair[1])] for pair in pairs if pair]
    if len(ring) < len(pairs) or len(ring) < 3:
        raise Wrong(AREA)
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return json.dumps({"type": "Polygon", "coordinates": [ring]})
