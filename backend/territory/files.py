"""Opens the files that operators bring (CSV, GeoJSON, gzipped or not); the importers' eyes."""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.errors import InvalidInput


@dataclass(frozen=True)
class Raw:
    """A CSV line or a GeoJSON feature before anybody believed it; `number` as an editor counts."""

    number: int
    values: Mapping[str, Any]
    geometry: Any = None


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken and why, in words for the operator."""

    number: int
    key: str
    reason: str

    def __str__(self) -> str:
        return f"fila {self.number} ({self.key or 'sin código'}): {self.reason}"


class FileRefused(InvalidInput):
    """Some rows were wrong, so nothing of the file was stored."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(f"Filas rechazadas: {len(refusals)}. No se guardó nada del archivo.")
        self.refusals = refusals


def read_csv(path: Path) -> list[Raw]:
    """Rows by the names of their columns; comma or semicolon, whichever the header uses."""
    text = _text(path)
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    if len(set(reader.fieldnames)) < len(reader.fieldnames):
        raise InvalidInput(f"{path.name}: hay columnas repetidas en la primera línea.")
    try:
        return [Raw(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InvalidInput(
            f"{path.name}: la línea {reader.line_num} no es CSV ({error})."
        ) from error


def read_geojson(path: Path) -> list[Raw]:
    """The features of a FeatureCollection; names of properties in lower case."""
    try:
        document = json.loads(_text(path))
    except ValueError as error:
        raise InvalidInput(f"{path.name}: no es JSON ({error}).") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InvalidInput(f"{path.name}: se esperaba una FeatureCollection de GeoJSON.")
    return [_feature(number, feature) for number, feature in enumerate(features, 1)]


def _feature(number: int, feature: Any) -> Raw:
    feature = feature if isinstance(feature, dict) else {}
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    return Raw(number, {k.lower(): v for k, v in properties.items()}, feature.get("geometry"))


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name}: guarda el archivo en UTF-8 ({error}).") from error
    except (OSError, EOFError) as error:
        raise InvalidInput(f"{path.name}: no se puede leer ({error}).") from error
