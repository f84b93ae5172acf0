"""Speed of the risk maps on 200,000 verified reports; `python -m bench.riskmap`.

The floor of a tile is one SELECT of as many hexagons from a plain table that keeps them in 3857,
with their class beside them. Servers are throwaway ones with the settings of production.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from math import asinh, pi, radians, tan
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from backend import clock
from backend.app import create_app
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.parts import Parts
from backend.riskmap import queries, services
from backend.riskmap.models import Capa
from backend.settings import load_settings
from deploy.embedded import PostgresHandle
from deploy.throwaway import throwaway_servers

PROJECT = Path(__file__).parent.parent
REPORTS = 200_000
ROUNDS = 5
TILES_PER_ROUND = 40
LIMA = (-12.05, -77.04)

# Half of them by 60 corners where much happens, half anywhere within 25 km.
REPORTS_SQL = """
    INSERT INTO report (id, numero, clave_key_version, kind, categoria, priority, is_sensible,
        is_ongoing, place_source, point, accuracy_m, ubigeo, received_at, updated_at,
        verification, verified_at, unit_id, routing_rule)
    SELECT gen_random_uuid(), 'B' || n, 1,
        CASE n % 4 WHEN 0 THEN 'factor_de_riesgo' ELSE 'alerta' END,
        (ARRAY['falta_de_luz', 'robo', 'robo_celular', 'pelea_agresion'])[1 + n % 4],
        2, false, false, 'gps',
        ST_SetSRID(ST_MakePoint(:lon + east, :lat + north), 4326), 15,
        '1501' || lpad((abs((10 * east)::int * 7 + (10 * north)::int) % 40)::text, 2, '0'),
        at, at, 'verified', at, (SELECT min(id) FROM police_unit), 'bench'
    FROM (
        SELECT n, now() - random() * interval '3 years' - interval '2 hours' AS at,
            CASE n % 2 WHEN 0 THEN (random() - 0.5) * 0.45
                ELSE sin(n % 60) * 0.1 + (random() - 0.5) * 0.01 END AS east,
            CASE n % 2 WHEN 0 THEN (random() - 0.5) * 0.45
                ELSE cos(n % 60 * 7) * 0.1 + (random() - 0.5) * 0.01 END AS north
        FROM generate_series(1, :reports) n
    ) places
"""

# A region of a hundred stations, 5 km apart, as round as their real ground is long.
REGION_SQL = """
    WITH unit AS (
        INSERT INTO police_unit (code, kind, name, valid_from, source)
        SELECT 'B' || n, 'comisaria', 'B' || n, '2026-01-01', 'bench' FROM generate_series(0, 99) n
        RETURNING id, substr(code, 2)::int AS n
    )
    INSERT INTO jurisdiction (unit_id, geom, is_provisional, source, valid_from)
    SELECT id, ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(
        :lon + 0.045 * (n % 10 - 4.5), :lat + 0.045 * (n / 10 - 4.5)), 4326), 0.0225, 25)),
        true, 'bench', '2026-01-01'
    FROM unit
"""

FLOOR_TABLE = """
    CREATE TABLE floor_cell AS
    SELECT p.cell AS celda, p.clase, h.geom FROM public_cell p JOIN risk_hexagon h USING (cell)
    WHERE p.capa = 'delito'
"""
FLOOR_TILE = """
    SELECT ST_AsMVT(shape, 'riesgo') FROM (
        SELECT celda, clase, ST_AsMVTGeom(geom, ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
        FROM floor_cell WHERE geom && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
    ) AS shape
"""


def main() -> None:
    """Fill a throwaway database, measure, print."""
    with (
        throwaway_servers(PROJECT / "var" / "bench") as (postgres, redis),
        tempfile.TemporaryDirectory() as folder,
    ):
        environ = _environ(Path(folder), postgres, redis.url)
        os.environ.update(environ)
        config = Config(str(PROJECT / "migrations" / "alembic.ini"))
        config.set_main_option("script_location", str(PROJECT / "migrations"))
        command.upgrade(config, "head")
        app = create_app(load_settings(environ | {"YA_DATABASE_URL": postgres.owner_url}))
        with app.app_context():
            _fill()
            _measure_writing(app.extensions["yo_alerto"])
            _measure_tiles()
            db.session.remove()
            db.engine.dispose()


def _environ(folder: Path, postgres: PostgresHandle, redis_url: str) -> dict[str, str]:
    KeyRing.generate().save(folder / "keyring.json")
    return {
        "YA_DEMO": "1",
        "YA_DATABASE_URL": postgres.app_url,
        "YA_DATABASE_OWNER_URL": postgres.owner_url,
        "YA_VAULT_URL": postgres.vault_url,
        "YA_REDIS_URL": redis_url,
        "YA_MEDIA_URL": folder.as_uri(),
        "YA_KEYS_FILE": str(folder / "keyring.json"),
    }


def _fill() -> None:
    with transaction():
        values = {"reports": REPORTS, "lat": LIMA[0], "lon": LIMA[1]}
        db.session.execute(text(REPORTS_SQL), values)
    _analyse()


def _analyse() -> None:
    """What autovacuum would do a minute later."""
    with transaction():
        db.session.execute(text("ANALYZE"))


def _measure_writing(parts: Parts) -> None:
    print(f"{REPORTS:,} verified reports, {ROUNDS} rounds, medians:")
    print(f"  rebuild            {_seconds(lambda: services.rebuild(parts.catalog)):8.1f} s, once")
    _analyse()
    published = _seconds(lambda: services.publish_public_layer(clock.now()))
    print(f"  publish            {published:8.1f} s, once")
    _analyse()
    ids = db.session.scalars(text("SELECT id FROM report ORDER BY id LIMIT 200")).all()

    def feed() -> None:
        for report_id in ids[:40]:
            with transaction():
                services.feed(report_id, parts.catalog)

    feeds = statistics.median(_seconds(feed) for _ in range(ROUNDS)) / 40
    print(f"  feed one report    {1000 * feeds:8.1f} ms")


def _measure_tiles() -> None:
    with transaction():
        db.session.execute(text(FLOOR_TABLE))
        db.session.execute(text("CREATE INDEX ON floor_cell USING gist (geom)"))
        db.session.execute(text(REGION_SQL), {"lat": LIMA[0], "lon": LIMA[1]})
    _analyse()
    units = list(db.session.scalars(text("SELECT id FROM police_unit WHERE kind = 'comisaria'")))
    z, x, y = _tile(12)
    country = queries.AnalystView(Capa.DELITO, clock.now(), None)
    region = replace(country, units=units)
    sides: dict[str, Callable[[], bytes]] = {
        "floor": lambda: bytes(
            db.session.execute(text(FLOOR_TILE), {"z": z, "x": x, "y": y}).scalar_one()
        ),
        "public": lambda: queries.public_tile(Capa.DELITO, z, x, y),
        "country": lambda: queries.analyst_tile(country, z, x, y),
        "region": lambda: queries.analyst_tile(region, z, x, y),
    }
    rounds = [
        {name: _seconds(lambda make=make: _repeat(make)) for name, make in sides.items()}
        for _ in range(ROUNDS)
    ]
    for name, make in sides.items():
        each = statistics.median(one[name] for one in rounds) / TILES_PER_ROUND
        kilobytes = len(make()) / 1000
        print(f"  tile, {name:12} {1000 * each:8.1f} ms {1 / each:6.0f}/s {kilobytes:6.0f} kB")


def _repeat(make: Callable[[], bytes]) -> None:
    for _ in range(TILES_PER_ROUND):
        make()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tile(z: int) -> tuple[int, int, int]:
    lat, lon = LIMA
    y = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)
    return z, int((lon + 180) / 360 * 2**z), y


if __name__ == "__main__":
    main()
