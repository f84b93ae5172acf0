"""docs/mapa_de_riesgo.md says the numbers that the program uses."""

from pathlib import Path

from backend.riskmap import queries, services
from backend.riskmap.models import HALF_LIFE_DAYS, MAX_ACCURACY_M, SHARES, STATION_RADIUS_M, Capa

PAGE = Path(__file__).parents[2] / "docs" / "mapa_de_riesgo.md"
HOUR_SECONDS = 3600


def rows_of(table: str) -> list[list[str]]:
    """The cells of a marked table, without its heading."""
    marked = PAGE.read_text().split(f"<!-- tabla: {table} -->")[1].split("<!-- fin -->")[0]
    lines = [line for line in marked.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def weight(capa: Capa, source: Capa) -> str:
    found = [share.weight for share in SHARES if (share.capa, share.source) == (capa, source)]
    return f"{found[0]:g}".replace(".", ",") if found else "—"


def test_weights_and_half_lives():
    assert rows_of("pesos") == [
        [capa, weight(capa, Capa.DELITO), weight(capa, Capa.RIESGO), str(HALF_LIFE_DAYS[capa])]
        for capa in Capa
    ]


def test_rules():
    zooms = [f"{z[0]} a {z[-1]}" for z in (queries.PUBLIC_ZOOMS, queries.ANALYST_ZOOMS)]
    values = [
        MAX_ACCURACY_M,
        STATION_RADIUS_M,
        services.MIN_REPORTS,
        services.MIN_INCIDENTS,
        services.PUBLIC_DAYS,
        int(services.BATCH_AGE.total_seconds() / HOUR_SECONDS),
        int(services.SAME_INCIDENT.total_seconds() / HOUR_SECONDS),
        services.SAME_FACTOR_M,
        services.MIN_CELLS,
        *zooms,
    ]
    assert [value for _, value in rows_of("reglas")] == [str(value) for value in values]
