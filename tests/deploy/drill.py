"""A citizen before and after the disaster, in a process of its own: `python -m … send|read`."""

import hashlib
import json
import os
import sys
from datetime import timedelta
from io import BytesIO

from flask import Flask

from backend import clock
from backend.app import parts_of
from backend.db import db, transaction
from backend.media.models import Attachment
from backend.media.queries import open_original
from backend.reports.models import Report
from backend.settings import load_settings
from backend.vault.models import NewPerson
from backend.vault.queries import openings_of
from backend.vault.services import keep, open_person, same_document_count
from tests.builders import WEST, a_comisaria, datos, send
from tests.media.made_photos import photo
from tests.phones import a_phone
from wsgi import compose

DNI = ("dni", "40123456")


def send_alerta(app: Flask) -> dict[str, str]:
    """Sends an alerta with a photo and puts an identity beside it; what the phone keeps of it."""
    a_comisaria("WEST", WEST)
    content = photo()
    answer = send(a_phone(app), datos(), photos=[(BytesIO(content), "foto.jpg")])
    assert answer.status_code == 201, answer.text
    sha256 = hashlib.sha256(content).hexdigest()
    ring, report_id = parts_of(app).settings.keys, db.session.query(Report).one().id
    with transaction():
        keep(report_id, [NewPerson(report_id, {"nombres": "Ana"}, DNI)], ring, clock.now())
    return {"numero": answer.json["numero"], "clave": answer.json["clave"], "sha256": sha256}


def read_case(app: Flask, numero: str, clave: str) -> dict[str, str]:
    """The case by its number and clave, and the hash of what the sealed original opens to."""
    phone = a_phone(app)
    access = phone.post("/api/v1/seguimiento", json={"numero": numero, "clave": clave}).json
    bearer = {"Authorization": f"Bearer {access['acceso']}"}
    case = phone.get("/api/v1/caso", headers=bearer).json
    attachment = db.session.query(Attachment).one()
    parts = parts_of(app)
    ring, report_id = parts.settings.keys, attachment.report_id
    person = open_person(ring, report_id, report_id, 1, None, "ensayo", "Recuperación")
    long_ago = clock.now() - timedelta(days=1)
    original = b"".join(open_original(attachment, parts.storage, parts.settings.keys))
    return {
        "numero": case["numero"],
        "descripcion": case["descripcion"],
        "sha256": case["adjuntos"][0]["sha256"],
        "nombres": person["nombres"],
        "same_document": str(same_document_count(ring, *DNI, long_ago)),
        "opened": str(openings_of(report_id).times),
        "original": hashlib.sha256(original).hexdigest(),
    }


if __name__ == "__main__":
    application = compose(load_settings(os.environ))
    with application.app_context():
        told = (
            read_case(application, *sys.argv[2:])
            if sys.argv[1] == "read"
            else send_alerta(application)
        )
    json.dump(told, sys.stdout)
