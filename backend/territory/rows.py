"""Turns raw rows of units, districts and jurisdictions into checked ones; the importers ask it."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from backend.errors import InvalidInput
from backend.territory.files import Raw, Refusal
from backend.territory.location import in_peru
from backend.territory.models import FALLBACK_DESK_CODE, UnitKind
from backend.territory.polygons import Wrong, ewkb_of

UNIT_COLUMNS = (
    *("codigo", "nombre", "tipo", "padre", "ubigeo", "lat", "lon", "telefono", "materias"),
    *("basica", "vigente_desde", "vigente_hasta"),
)
REQUIRED_UNIT_COLUMNS = frozenset({"codigo", "nombre", "tipo"})
IMPORTED_KINDS = tuple(kind for kind in UnitKind if kind is not UnitKind.FALLBACK_DESK)
FLAGS = {"": True, "1": True, "si": True, "sí": True, "true": True}
FLAGS |= {"0": False, "no": False, "false": False}

# Words of the census's names that mark a station without a neighbourhood of its own.
NOT_BASIC_WORDS = frozenset(
    {"FAMILIA", "MUJER", "MUJERES", "TURISMO", "AEROPUERTO", "TERMINAL", "CARRETERAS"}
)
CENSUS_DAY = "2017-01-01"


@dataclass(frozen=True)
class UnitRow:
    number: int
    code: str
    name: str | None
    kind: UnitKind
    parent: str | None
    ubigeo: str | None
    point: tuple[float, float] | None  # latitude, longitude
    phone: str | None
    matters: tuple[str, ...]
    is_basic: bool
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class DistrictRow:
    number: int
    ubigeo: str
    name: str
    province: str
    department: str
    ewkb: bytes


@dataclass(frozen=True)
class JurisdictionRow:
    number: int
    code: str
    ewkb: bytes
    source: str | None
    valid_from: date | None


Row = TypeVar("Row", UnitRow, DistrictRow, JurisdictionRow)
Checked = tuple[list[Row], list[Refusal]]


def check_units(raws: Iterable[Raw]) -> Checked[UnitRow]:
    return _check(raws, "codigo", _unit, lambda row: row.code)


def check_districts(raws: Iterable[Raw]) -> Checked[DistrictRow]:
    return _check(raws, "ubigeo", _district, lambda row: row.ubigeo)


def check_jurisdictions(raws: Iterable[Raw]) -> Checked[JurisdictionRow]:
    return _check(raws, "codigo", _jurisdiction, lambda row: row.code)


def check_unit_columns(raws: Sequence[Raw]) -> frozenset[str]:
    """The columns that the file has; those it lacks leave stored values alone."""
    columns = frozenset(name for name in raws[0].values if name) if raws else frozenset[str]()
    missing, unknown = REQUIRED_UNIT_COLUMNS - columns, columns - set(UNIT_COLUMNS)
    if raws and missing:
        raise InvalidInput(f"Faltan columnas: {', '.join(sorted(missing))}.")
    if unknown:
        raise InvalidInput(f"Columnas desconocidas: {', '.join(sorted(unknown))}.")
    return columns


def from_cenacom(raws: Iterable[Raw]) -> list[Raw]:
    """Rows of the Censo Nacional de Comisarías 2017 with the names of our own columns."""
    return [Raw(raw.number, _census_values(raw.values)) for raw in raws]


def plain(text: str) -> str:
    """Upper case without accents or doubled spaces, to compare what people type."""
    letters = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).upper().split())


def _census_values(values: Mapping[str, Any]) -> dict[str, Any]:
    name = str(values.get("nombre") or "").strip()
    is_basic = name and not NOT_BASIC_WORDS & set(plain(name).split())
    return {
        "codigo": f"CENACOM-{values.get('id_cenacom', '')}",
        "nombre": name,
        "tipo": UnitKind.COMISARIA.value,
        **{column: values.get(column, "") for column in ("ubigeo", "lat", "lon")},
        "basica": "1" if is_basic else "0",
        "vigente_desde": CENSUS_DAY,
    }


def _check(
    raws: Iterable[Raw], key: str, parse: Callable[[Raw], Row], key_of: Callable[[Row], str]
) -> Checked[Row]:
    rows: dict[str, Row] = {}
    refusals = []
    for raw in raws:
        try:
            row = parse(raw)
            if key_of(row) in rows:
                raise Wrong(f"código repetido, ya está en la fila {rows[key_of(row)].number}")
            rows[key_of(row)] = row
        except Wrong as wrong:
            refusals.append(Refusal(raw.number, str(raw.values.get(key) or "").strip(), str(wrong)))
    return list(rows.values()), refusals


def _unit(raw: Raw) -> UnitRow:
    if None in raw.values:  # where csv puts the values beyond the last column
        raise Wrong("tiene más valores que columnas")
    text = {name: _plain_text(value) for name, value in raw.values.items()}
    row = UnitRow(
        number=raw.number,
        code=_code(text),
        name=text["nombre"] or None,
        kind=_kind(text["tipo"]),
        parent=text.get("padre") or None,
        ubigeo=_ubigeo(text["ubigeo"]) if text.get("ubigeo") else None,
        point=_point(text.get("lat", ""), text.get("lon", "")),
        phone=text.get("telefono") or None,
        matters=tuple(sorted(set(text.get("materias", "").split()))),
        is_basic=_flag(text.get("basica", "")),
        valid_from=_day("vigente_desde", text.get("vigente_desde", "")),
        valid_until=_day("vigente_hasta", text.get("vigente_hasta", "")),
    )
    if row.kind is UnitKind.COMISARIA and row.point is None and "lat" in text:
        raise Wrong("una comisaría necesita latitud y longitud")
    if row.matters and row.kind is not UnitKind.SPECIALISED:
        raise Wrong("solo una unidad especializada tiene materias")
    if row.parent == row.code:
        raise Wrong("la unidad es su propio padre")
    return row


def _district(raw: Raw) -> DistrictRow:
    values = raw.values
    return DistrictRow(
        number=raw.number,
        ubigeo=_ubigeo(values.get("ubigeo")),
        name=_required("distrito", values.get("distrito") or values.get("nombre")),
        province=_required("provincia", values.get("provincia")),
        department=_required("departamento", values.get("departamento")),
        ewkb=ewkb_of(raw.geometry),
    )


def _jurisdiction(raw: Raw) -> JurisdictionRow:
    text = {name: _plain_text(raw.values.get(name)) for name in ("codigo", "fuente")}
    return JurisdictionRow(
        number=raw.number,
        code=_code(text),
        ewkb=ewkb_of(raw.geometry),
        source=text["fuente"] or None,
        valid_from=_day("vigente_desde", _plain_text(raw.values.get("vigente_desde"))),
    )


def _plain_text(value: Any) -> str:
    text = "" if value is None else str(value).strip()
    if not text.isprintable():
        raise Wrong("tiene caracteres que no se pueden leer")
    return text


def _code(text: Mapping[str, str]) -> str:
    if not text["codigo"]:
        raise Wrong("falta el código")
    if text["codigo"] == FALLBACK_DESK_CODE:
        raise Wrong("ese código está reservado para la mesa del sistema")
    return text["codigo"]


def _kind(text: str) -> UnitKind:
    if text.lower() not in IMPORTED_KINDS:
        raise Wrong(f"tipo «{text}» desconocido; los tipos son {', '.join(IMPORTED_KINDS)}")
    return UnitKind(text.lower())


def _flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise Wrong(f"básica «{text}» no es 1 ni 0")
    return FLAGS[text.lower()]


def _day(column: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Wrong(f"{column} «{text}» no es una fecha (AAAA-MM-DD)") from error


def _required(name: str, value: Any) -> str:
    text = _plain_text(value)
    if not text:
        raise Wrong(f"falta {name}")
    return text


def _ubigeo(value: Any) -> str:
    if not (isinstance(value, str) and len(value) == 6 and value.isascii() and value.isdigit()):
        raise Wrong(f"ubigeo «{value}» no es un texto de seis cifras")
    return value


def _point(lat: str, lon: str) -> tuple[float, float] | None:
    if not lat and not lon:
        return None
    if not lat or not lon:
        raise Wrong("falta la latitud" if not lat else "falta la longitud")
    point = _number("latitud", lat), _number("longitud", lon)
    if not in_peru(*point):
        raise Wrong(f"el punto {lat}, {lon} queda fuera del Perú")
    return point


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise Wrong(f"la {name} «{text}» no es un número") from error
