"""`POST /denuncias`: taken in whole, or refused whole with a word at each field."""

from datetime import date
from uuid import uuid4

import pytest
from freezegun import freeze_time
from h3 import get_resolution, latlng_to_cell
from sqlalchemy import select, text

from backend import clock
from backend.catalog import forms
from backend.db import db, transaction
from backend.denuncias.models import MAX_LABEL, Calificacion, CasePerson, Constancia, Denuncia
from backend.denuncias.services import labelled
from backend.reports.audience import ComplaintBar
from backend.reports.models import IdempotencyRecord, Kind, Report
from backend.submission import intake
from backend.territory.models import District, QuejaDesk, UnitKind
from backend.territory.queries import fallback_desk_id
from backend.triage import end_case
from tests.api.problems import assert_problem
from tests.builders import IN_WEST, a_unit, datos, send
from tests.denouncing import (
    IMEI,
    a_person,
    burglary,
    demand_for_cupo,
    denounce,
    lost_papers,
    mistreatment,
    some_photos,
    stolen_phone,
)
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo


@pytest.fixture
def town(callao):
    """`Callao` with a CUD desk, which no unit of the town stands above."""
    callao.cud = a_unit("CUD", UnitKind.SPECIALISED, matters=["quejas"], is_independent=True)
    with transaction():
        db.session.add(QuejaDesk(unit_id=callao.cud.id, position=1))
    return callao


@pytest.fixture
def taken(client, device, town):
    """Sends and expects a 201; the answer."""

    def send(body, **more):
        answer = denounce(client, body, headers=device, **more)
        assert answer.status_code == 201, answer.text
        return answer.json

    return send


def the_report() -> Report:
    return db.session.scalars(select(Report)).one()


def the_case(client, answer) -> dict:
    asked = {"numero": answer["numero"], "clave": answer["clave"]}
    acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
    seen = client.get("/api/v1/caso", headers={"Authorization": f"Bearer {acceso}"})
    assert seen.status_code == 200, seen.text
    return seen.json


def test_the_loss_of_papers_is_received_with_a_number_a_term_and_a_receipt(client, town):
    with freeze_time("2026-11-20 20:00:00"):
        answer = denounce(client, lost_papers()).json
    assert answer["estado"] == "recibido"
    assert answer["comisaria"]["nombre"] == town.west.name
    # Three working days after a Friday.
    assert answer["vence_el"] == "2026-11-25"
    assert answer["constancia"] is True
    report = the_report()
    assert (report.kind, report.categoria) == (Kind.DENUNCIA, "perdida_documentos")
    assert report.answer_by == date(2026, 11, 25)
    assert report.remind_at.isoformat() == "2026-11-24T13:00:00+00:00"
    assert db.session.get(Constancia, report.id) is not None


def test_no_identity_stays_with_the_case(taken):
    taken(stolen_phone())
    report = the_report()
    kept = db.session.get(Denuncia, report.id)
    assert kept.datos["denunciante"]["identidad"] == "Denunciante"
    assert kept.datos["celulares"][0] == {
        "marca": "Marca 1",
        "imei": IMEI,
        "identidad": "Línea de celular",
    }
    labels = select(CasePerson.label).order_by(CasePerson.label)
    assert list(db.session.scalars(labels)) == ["Denunciante", "Línea de celular"]
    db.session.rollback()
    for table in ("report", "denuncia", "case_person", "history_entry", "constancia"):
        rows = db.session.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        for row in rows:
            for secret in ("Inventada", "40000001", "900000001", "900000002", "Jirón"):
                assert secret not in row, table


def test_reserve_leaves_a_key_for_a_name_and_a_quarter_for_a_house(client, taken, town):
    answer = taken(burglary())
    report = the_report()
    assert report.is_reserved
    assert report.point is None
    assert report.reference == ""
    assert report.cell is not None
    assert report.border_distance_m is None
    assert report.unit_id == town.west.id, "routed by the exact place all the same"
    people = db.session.scalars(select(CasePerson)).all()
    assert sorted(one.role for one in people) == [
        "agraviados",
        "agraviados",
        "denunciante",
        "lugar",
        "testigos",
    ]
    assert all(one.label.startswith("Clave ") for one in people if one.role != "lugar")
    asked = client.post("/api/v1/seguimiento", json={"numero": answer["numero"]})
    unknown = client.post("/api/v1/seguimiento", json={"numero": "YA-0000-0000-0"})
    assert (asked.status_code, asked.data) == (unknown.status_code, unknown.data)


@pytest.mark.parametrize(("marked", "kept"), [(7, 7), (8, 8), (9, 8)])
def test_reserve_makes_no_zone_narrower_than_it_was_marked(taken, marked, kept):
    zone = latlng_to_cell(IN_WEST["lat"], IN_WEST["lon"], marked)
    body = burglary()
    body["hecho"] = {**body["hecho"], "lugar": {"origen": "celda", "celda": zone}}
    taken(body)
    assert get_resolution(the_report().cell) == kept
    assert kept != marked or the_report().cell == zone


def test_a_queja_that_no_desk_may_see_is_refused_with_the_line_to_call(client, device, callao):
    """Nobody is told rather than the unit complained of; the phone keeps what was typed."""
    with transaction():
        db.session.add(QuejaDesk(unit_id=fallback_desk_id(), position=1))
    refused = denounce(client, mistreatment(denunciado={"nivel": "cud"}), headers=device)
    assert_problem(refused, 409)
    assert "1818" in refused.json["detail"]
    assert db.session.scalars(select(Report)).all() == []


def test_a_group_that_nobody_has_words_for_is_labelled_all_the_same():
    assert labelled("empresas_afectadas", 2, 3, is_reserved=False) == "Empresas afectadas 2"
    assert len(labelled("x" * 99, 50, 50, is_reserved=False)) <= MAX_LABEL


def test_a_fact_may_have_several_names(taken):
    taken(stolen_phone(calificaciones=["010309", "010301"]))
    assert set(db.session.scalars(select(Calificacion.codigo))) == {"010309", "010301"}


def test_photos_come_with_it(client, taken, parts):
    answer = taken(burglary(), photos=some_photos([photo(), photo()]))
    do_all_work(parts)
    seen = the_case(client, answer)
    assert [one["estado"] for one in seen["adjuntos"]] == ["listo", "listo"]


def test_sending_it_again_gives_the_same_answer(client, device, town, stored):
    key = str(uuid4())
    first = denounce(client, stolen_phone(), headers=device, key=key)
    before = stored()
    again = denounce(client, stolen_phone(), headers=device, key=key)
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert stored() == before
    other = stolen_phone(denunciante={**stolen_phone()["denunciante"], "relacion": "testigo"})
    assert_problem(denounce(client, other, headers=device, key=key), 422)


def test_sending_it_again_after_its_end_says_that_nothing_is_due(client, device, town):
    key = str(uuid4())
    denounce(client, lost_papers(), headers=device, key=key)
    with transaction():
        end_case(the_report(), None, clock.now())
    again = denounce(client, lost_papers(), headers=device, key=key)
    assert (again.status_code, again.json["vence_el"]) == (201, None)
    recibo = client.get("/api/v1/openapi.json").json["components"]["schemas"]["ReciboDeDenuncia"]
    assert recibo["properties"]["vence_el"]["nullable"]


def test_nobody_can_try_out_an_author_by_the_hash_of_what_was_sent(taken, parts):
    """Whoever reads the database knows the rest of the form and could guess a document."""
    body = lost_papers()
    taken(body)
    kept = db.session.scalars(select(IdempotencyRecord.content_hash)).one()
    asunto = parts.catalog.asunto(body["asunto"])
    guessed = intake.canonical_json(forms.read(asunto, body))
    assert kept != intake.content_hash(guessed, [])


def test_a_queja_goes_to_the_cud_and_is_kept_from_the_unit_complained_of(client, taken, town):
    answer = taken(mistreatment("WEST"))
    report = the_report()
    assert (report.kind, report.unit_id, report.is_sensible) == (Kind.QUEJA, town.cud.id, True)
    barred = set(db.session.scalars(select(ComplaintBar.unit_id)))
    assert barred == {town.west.id, town.divpol.id, town.region.id}
    assert answer["comisaria"]["nombre"] == town.cud.name
    assert answer["constancia"] is False
    assert answer["pasa_en"] is not None, "it waits for the shift, and says so at once"
    assert db.session.scalars(select(CasePerson)).all() == []


def test_extortion_reaches_its_own_desk(taken, town):
    taken(demand_for_cupo())
    assert the_report().unit_id == town.extortion_desk.id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"asunto": "no_existe"}, "asunto"),
        ({"asunto": "robo"}, "asunto"),
        ({"hecho": {"relato": "", "desde": "ayer", "lugar": {"origen": "gps"}}}, "hecho.relato"),
        ({"celulares": [{"imei": "123"}]}, "celulares.0.imei"),
        ({"celulares": []}, "celulares"),
        (
            {"denunciante": {"relacion": "agraviado"}},
            "denunciante.identidad.numero_documento",
        ),
        (
            {"denunciante": {"relacion": "agraviado", "identidad": a_person("123")}},
            "denunciante.identidad.numero_documento",
        ),
        ({"otra_cosa": 1}, "otra_cosa"),
    ],
)
def test_each_mistake_is_told_at_its_field_and_nothing_is_stored(
    client, device, town, nothing_stored, wrong, field
):
    with nothing_stored():
        answer = denounce(client, stolen_phone(**wrong), headers=device)
    assert_problem(answer, 422, field)


def test_a_point_abroad_is_told_at_the_place(client, device, town, nothing_stored):
    hecho = stolen_phone()["hecho"] | {"lugar": {"origen": "gps", "lat": 40.4, "lon": -3.7}}
    with nothing_stored():
        answer = denounce(client, stolen_phone(hecho=hecho), headers=device)
    assert answer.status_code == 422
    assert {one["campo"] for one in answer.json["errores"]} <= {
        "hecho.lugar.lat",
        "hecho.lugar.lon",
    }


def test_a_queja_with_an_exact_point_is_refused(client, device, town, nothing_stored):
    hecho = mistreatment()["hecho"] | {"lugar": {"origen": "gps", "lat": -12.06, "lon": -77.13}}
    with nothing_stored():
        answer = denounce(client, mistreatment(hecho=hecho), headers=device)
    assert answer.status_code == 422
    assert answer.json["errores"][0]["campo"].startswith("hecho.lugar")


def test_a_queja_against_a_unit_that_nobody_knows_is_asked_again(client, device, town):
    assert_problem(
        denounce(client, mistreatment("NO-HAY"), headers=device), 422, "denunciado.unidad"
    )


def test_a_doubtful_imei_is_accepted_with_a_word(taken):
    answer = taken(stolen_phone(celulares=[{"imei": "490154203237519"}]))
    assert [one["campo"] for one in answer["avisos"]] == ["celulares.0.imei"]


def test_without_a_phone_or_a_key_it_is_refused(client, town):
    assert_problem(client.post("/api/v1/denuncias", json=lost_papers()), 401)


@pytest.mark.parametrize(
    "words", ["comisaría de west", "WEST", "west callao", "comisaria callao west", "Cía. West"]
)
def test_a_unit_is_found_however_its_name_is_remembered(client, town, words):
    with transaction():
        names = {"name": "Callao", "province": "Callao", "department": "Callao"}
        db.session.add(District(ubigeo="070101", source="prueba", **names))
    found = client.post("/api/v1/unidades", json={"texto": words}).json["unidades"]
    assert found[0]["codigo"] == "WEST"


def test_units_are_found_by_their_name(client, town):
    found = client.post("/api/v1/unidades", json={"texto": "comisaría w"}).json["unidades"]
    assert [one["codigo"] for one in found] == ["WEST"]
    codes = {
        one["codigo"]
        for one in client.post("/api/v1/unidades", json={"texto": "e"}).json["unidades"]
    }
    assert "WEST-1" not in codes, "a sector is part of its comisaría"


def test_its_author_reads_the_form_back_without_identities(client, taken):
    seen = the_case(client, taken(stolen_phone()))
    assert seen["tipo"] == "denuncia"
    told = seen["denuncia"]
    texts = [
        line["texto"]
        for block in told["bloques"]
        for group in block["grupos"]
        for line in group["lineas"]
    ]
    assert IMEI in texts
    assert "Guardados aparte" in texts
    assert "Denunciante" not in texts
    assert not any("Inventada" in one for one in texts)
    assert told["identidad"] == {"reservada": False, "abierta_veces": 0, "por_personas": 0}
    assert told["vence_el"] == the_report().answer_by.isoformat()
    assert told["constancia"] is True


def test_a_queja_has_no_identity_to_speak_of(client, taken):
    told = the_case(client, taken(mistreatment("WEST")))["denuncia"]
    assert told["identidad"] is None
    assert told["constancia"] is False


def test_an_alerta_has_no_such_part(client, device, town):
    receipt = send(client, datos(), headers=device).json
    assert the_case(client, receipt)["denuncia"] is None


def test_in_danger_its_author_is_not_sent_to_the_line_for_complaints(client, taken):
    assert the_case(client, taken(mistreatment("WEST")))["linea"] is None
    assert the_case(client, taken(demand_for_cupo()))["linea"]["numero"] == "111"
