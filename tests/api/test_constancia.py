"""`GET /caso/constancia`: the PDF of one's own denuncia, good for anybody who checks it."""

import io

import pikepdf
import pytest
from sqlalchemy import update

from backend.constancia.models import Verdict
from backend.constancia.services import published_keys, read_document, verify
from backend.db import db, transaction
from backend.territory.models import PoliceUnit, QuejaDesk, UnitKind
from tests.api.problems import assert_problem
from tests.builders import a_unit, datos, send
from tests.denouncing import burglary, denounce, mistreatment, stolen_phone

PATH = "/api/v1/caso/constancia"


@pytest.fixture
def fetch(client):
    """Asks for the PDF with number and clave of an answer."""

    def ask(receipt):
        asked = {"numero": receipt["numero"], "clave": receipt["clave"]}
        acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
        return client.get(PATH, headers={"Authorization": f"Bearer {acceso}"})

    return ask


def attached(answer) -> str:
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        return pdf.attachments["constancia.json"].get_file().read_bytes().decode()


def test_the_author_gets_a_pdf_that_verifies(client, callao, parts, fetch):
    receipt = denounce(client, stolen_phone()).json
    answer = fetch(receipt)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="constancia.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    code, content, salt = read_document(attached(answer))
    found = verify(code, published_keys(parts.settings.keys), content, salt)
    assert (found.verdict, found.numero) == (Verdict.GOOD, receipt["numero"])
    assert content["unidad"] == callao.west.name
    assert content["relato"] == "Me lo arrancharon al salir del mercado"


def test_it_carries_neither_identity_nor_clave_nor_the_reserved_place(client, callao, fetch):
    receipt = denounce(client, burglary()).json
    document = attached(fetch(receipt))
    hidden = ("4000000", "900000001", "Inventad", "Primera", "Vecina", "puerta verde", "Viven")
    assert not [word for word in hidden if word in document]
    assert receipt["clave"] not in document


def test_it_still_verifies_when_the_unit_has_another_name(client, callao, fetch):
    receipt = denounce(client, stolen_phone()).json
    first = attached(fetch(receipt))
    with transaction():
        db.session.execute(update(PoliceUnit).values(name="Comisaría con otro nombre"))
    assert attached(fetch(receipt)) == first


def test_the_same_case_gives_the_same_file_each_time(client, callao, fetch):
    receipt = denounce(client, stolen_phone()).json
    assert fetch(receipt).data == fetch(receipt).data


def test_an_alert_has_none(client, callao, fetch):
    assert_problem(fetch(send(client, datos()).json), 404)


def test_a_queja_has_none_that_could_be_found_on_a_phone(client, callao, fetch):
    desk = a_unit("CUD", UnitKind.SPECIALISED, matters=["quejas"], is_independent=True)
    with transaction():
        db.session.add(QuejaDesk(unit_id=desk.id, position=1))
    assert_problem(fetch(denounce(client, mistreatment()).json), 404)


def test_without_the_token_of_the_case_nobody_gets_it(client, callao):
    assert_problem(client.get(PATH), 401)
    assert_problem(client.get(PATH, headers={"Authorization": "Bearer x"}), 401)
