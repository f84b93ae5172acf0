"""A point on the ground with its accuracy, and whether it lies in Peru; everybody uses it."""

import math
from dataclasses import dataclass

from backend.errors import FieldError, InvalidInput

# Outline of Peru some 25 to 40 km wide of its border and coast, (latitude, longitude). Drawn for
# this project around INEI's department boundaries and rounded to about a kilometre: it only
# tells nonsense from GPS drift, and Arica or Leticia, a few kilometres away, pass.
PERU_OUTLINE = (
    *((-4.67, -81.72), (-4.01, -81.54), (-2.99, -80.36), (-3.25, -79.88), (-4.03, -79.76)),
    *((-4.32, -79.04), (-3.09, -78.6), (-2.24, -76.82), (-1.32, -75.9), (-0.68, -75.69)),
    *((-0.07, -76.0), (0.27, -75.68), (0.35, -75.14), (0.11, -74.54), (-1.01, -73.32)),
    *((-1.97, -72.7), (-2.04, -72.31), (-1.75, -71.75), (-1.84, -70.81), (-2.4, -69.78)),
    *((-2.87, -69.69), (-3.5, -70.07), (-4.05, -69.6), (-4.54, -69.65), (-4.76, -69.97)),
    *((-4.6, -70.6), (-4.91, -71.7), (-5.43, -72.5), (-6.11, -72.81), (-6.62, -72.76)),
    *((-7.06, -73.37), (-7.54, -73.37), (-9.06, -72.55), (-9.23, -72.05), (-9.61, -71.81)),
    *((-9.06, -70.68), (-9.13, -70.24), (-10.62, -70.22), (-10.65, -69.32), (-12.39, -68.28)),
    *((-13.67, -68.56), (-14.32, -68.45), (-14.82, -68.84), (-15.35, -68.74), (-15.81, -69.05)),
    *((-16.04, -68.54), (-16.42, -68.43), (-18.56, -69.71), (-18.69, -70.57), (-17.99, -71.65)),
    *((-17.6, -71.76), (-15.74, -75.34), (-14.91, -76.22), (-14.02, -76.77), (-13.5, -76.61)),
    *((-11.49, -77.99), (-8.43, -79.33), (-6.99, -80.3), (-6.24, -81.46), (-5.57, -81.4)),
)
MAX_ACCURACY_M = 1_000_000.0


@dataclass(frozen=True)
class Location:
    """WGS84 degrees in Peru, give or take drift; refuses nonsense with words for the person."""

    lat: float
    lon: float
    accuracy_m: float | None = None

    def __post_init__(self) -> None:
        errors = tuple(_problems(self.lat, self.lon, self.accuracy_m))
        if errors:
            raise InvalidInput(errors[0].message, errors)


def in_peru(lat: float, lon: float) -> bool:
    """Whether the point lies in Peru or a drift away from it (even-odd rule, no database)."""
    inside = False
    before_lat, before_lon = PERU_OUTLINE[-1]
    for corner_lat, corner_lon in PERU_OUTLINE:
        if (corner_lat > lat) != (before_lat > lat):
            share = (lat - corner_lat) / (before_lat - corner_lat)
            if lon < corner_lon + share * (before_lon - corner_lon):
                inside = not inside
        before_lat, before_lon = corner_lat, corner_lon
    return inside


def _problems(lat: float, lon: float, accuracy_m: float | None) -> list[FieldError]:
    problems = []
    if not (math.isfinite(lat) and -90 <= lat <= 90):
        problems.append(FieldError("lat", "La latitud debe ser un número entre -90 y 90."))
    if not (math.isfinite(lon) and -180 <= lon <= 180):
        problems.append(FieldError("lon", "La longitud debe ser un número entre -180 y 180."))
    if accuracy_m is not None and not 0 <= accuracy_m <= MAX_ACCURACY_M:
        problems.append(
            FieldError("precision_m", "La precisión debe ser un número de metros desde 0.")
        )
    if not problems and not in_peru(lat, lon):
        problems.append(FieldError("lat", "Ese lugar queda fuera del Perú. Revisa el punto."))
    return problems
