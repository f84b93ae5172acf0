"""`/salud` and `/listo`."""

from dataclasses import replace

from backend.db import db
from tests.phones import a_phone
from wsgi import compose


def test_alive_touches_nothing(client):
    assert client.get("/salud").json == {"estado": "vivo"}


def test_ready_names_the_schema(client):
    answer = client.get("/listo")
    assert answer.status_code == 200
    assert answer.json["esquema"]
    assert answer.json["redis"] is True


def test_not_ready_without_a_database(app, settings, tmp_path):
    away = f"postgresql+psycopg://nobody@/none?host={tmp_path}"
    lonely = compose(replace(settings, database_url=away))
    answer = a_phone(lonely).get("/listo")
    assert answer.status_code == 503
    assert a_phone(lonely).get("/salud").status_code == 200
    with lonely.app_context():
        db.engine.dispose()
