"""Times of loading the whole country and of asking whose ground a place is.

    python -m bench.territory [../shared/territory]

Starts a throwaway durable PostgreSQL of its own, prints seconds per phase and microseconds per
question, and leaves nothing behind.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text

from backend.db import Base, db, transaction
from backend.territory import queries
from backend.territory.files import read_csv, read_geojson
from backend.territory.location import Location
from backend.territory.models import District, Jurisdiction, PoliceUnit
from backend.territory.rows import from_cenacom
from backend.territory.services import (
    draw_provisional_cells,
    import_districts,
    import_units,
    reniec_codes,
)
from backend.territory.statements import PLACE
from deploy.embedded import start_postgres
from deploy.ownership import folders_of, remove_folder

TODAY = date(2026, 11, 21)
TILES = {6: (18, 34), 9: (146, 272), 12: (1170, 2182), 15: (9368, 17459)}


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        data = Path(home) / "pg"
        postgres = start_postgres(data, durable=True)
        try:
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = postgres.superuser_url
            db.init_app(app)
            with app.app_context():
                run(folder)
                db.engine.dispose()
        finally:
            postgres.stop()
            for folder in folders_of(data):
                remove_folder(folder)


def run(folder: Path) -> None:
    with transaction():
        tables = [model.__table__ for model in (District, PoliceUnit, Jurisdiction)]
        Base.metadata.create_all(db.session.connection(), tables=tables)
    first = load(folder, "first")
    second = load(folder, "again")
    print(f"whole country: {first:.1f} s, again without a change: {second:.1f} s")
    with transaction():
        db.session.execute(text("ANALYZE"))
    ask_places()
    draw_tiles()


def load(folder: Path, name: str) -> float:
    started = time.perf_counter()
    raws = timed(f"{name}: read units", lambda: census(folder))
    timed(
        f"{name}: units",
        lambda: import_units(raws, "CENACOM 2017", TODAY, skip_refused=True),
    )
    features, codes = timed(f"{name}: read districts", lambda: borders(folder))
    timed(f"{name}: districts", lambda: import_districts(features, "INEI", reniec=codes))
    timed(f"{name}: cells", lambda: draw_provisional_cells(TODAY))
    return time.perf_counter() - started


def census(folder: Path):
    return from_cenacom(read_csv(folder / "comisarias_cenacom_2017.csv.gz"))


def borders(folder: Path):
    codes = reniec_codes(read_csv(folder / "ubigeo_distritos_inei_reniec.csv.gz"))
    return read_geojson(folder / "peru_distritos_1874.geojson.gz"), codes


def timed(name: str, work: Callable):
    started = time.perf_counter()
    result = work()
    print(f"{name:<24}{time.perf_counter() - started:8.2f} s  {summary(result)}")
    return result


def summary(result) -> str:
    counts = ("added", "updated", "closed", "unchanged")
    return " ".join(f"{n}={getattr(result, n)}" for n in counts if hasattr(result, n))


def ask_places() -> None:
    middle = func.ST_PointOnSurface(District.geom)
    rows = db.session.execute(select(func.ST_Y(middle), func.ST_X(middle))).all()
    places = [Location(lat, lon, 30) for lat, lon in rows]
    for name, ask in (("place_of", queries.place_of), ("nearest_units", queries.nearest_units)):
        times = []
        for place in places:
            started = time.perf_counter()
            ask(place)
            times.append((time.perf_counter() - started) * 1e6)
        times.sort()
        median, high = statistics.median(times), times[int(len(times) * 0.99)]
        print(f"{name:<24}{median:8.0f} µs median, {high:.0f} µs at 99 % ({len(times)} places)")
    ask = {"lat": -12.046, "lon": -77.043, "radius_m": 50.0, "reach_m": 15_000, "today": TODAY}
    plan = db.session.execute(text(f"EXPLAIN (ANALYZE, TIMING OFF) {PLACE}"), ask).scalars()
    print("\n".join(plan))


def draw_tiles() -> None:
    for z, (x, y) in TILES.items():
        started = time.perf_counter()
        size = len(queries.border_tile(z, x, y))
        print(f"tile at zoom {z:<11}{(time.perf_counter() - started) * 1e3:8.1f} ms  {size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/territory"))
