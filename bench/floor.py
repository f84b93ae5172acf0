"""The floor under a submission: the smallest Flask views that do the same irreducible work."""

import os
import uuid

from flask import Flask, Response, request
from psycopg_pool import ConnectionPool

CREATE = """
CREATE TABLE IF NOT EXISTS bench_floor (
    id uuid PRIMARY KEY, point geometry(Point, 4326), words text, at timestamptz DEFAULT now()
)
"""
INSERT = "INSERT INTO bench_floor VALUES (%s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s)"
FOLDER = os.environ.get("YA_BENCH_FOLDER", "/tmp")
POOLS: dict[int, ConnectionPool] = {}

app = Flask(__name__)


def _connection():
    pool = POOLS.get(os.getpid())
    if pool is None:
        url = os.environ["YA_DATABASE_URL"].replace("+psycopg", "")
        pool = POOLS[os.getpid()] = ConnectionPool(url, min_size=1, max_size=16, open=True)
    return pool.connection()


@app.post("/json")
def json_floor():
    """One row with a point, committed."""
    datos = request.get_json()
    lugar = datos["lugar"]
    values = (uuid.uuid4(), lugar["lon"], lugar["lat"], datos["descripcion"])
    with _connection() as connection:
        connection.execute(INSERT, values)
    return Response("{}", 201, mimetype="application/json")


@app.post("/photo")
def photo_floor():
    """The upload parsed and written to disk, durable, and one row committed."""
    path = f"{FOLDER}/{uuid.uuid4().hex}"
    request.files["foto"].save(path)
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    with _connection() as connection:
        connection.execute(INSERT, (uuid.uuid4(), -77.1, -12.0, path))
    return Response("{}", 201, mimetype="application/json")


@app.get("/listo")
def ready():
    return "listo"
