"""The page of a denuncia: its form, its labels, its names, and what the unit does with it."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.denuncias.models import Calificacion
from backend.identity.models import AuditEntry
from backend.submission.ampliacion import submit_ampliacion
from tests.builders import a_device, datos, send
from tests.formal import LUIS, ROSA, STOLEN_PHONE, make_formal, person_of
from tests.panel.stories import Town
from tests.phones import a_phone

NEVER = [ROSA["numero_documento"], ROSA["nombres"], ROSA["apellido_paterno"], ROSA["domicilio"]]
NEVER += [ROSA["celular"], *LUIS.values()]


@pytest.fixture
def denuncia(town: Town):
    report_id = town.report("robo_celular", descripcion="Me robaron")
    make_formal(town.parts, report_id, clock.now())
    return report_id


@pytest.fixture
def comisario(town: Town):
    return town.officer("comisario", town.callao.west)


def today() -> str:
    return clock.in_lima(clock.now()).date().isoformat()


def actuacion(report_id, codigo: str) -> str:
    return f"/panel/casos/{report_id}/actuacion/{codigo}"


def test_the_form_stands_there_in_words_with_labels_for_identities(town: Town, denuncia):
    page = town.operador.case(denuncia).text
    for words in (
        "Denuncia</span> Me robaron el celular",
        "Lo que respondió",
        "Qué celular",
        "490154203237518",
        "Claro",
        STOLEN_PHONE["hecho"]["relato"],
        "¿A quién le pasó?",
        "A mí",
        "Vio por dónde se fueron",
        "Testigo",
        "Vence el",
        "Ratificada en persona",
        "Todavía no",
        "010309",
        "nunca abierta",
    ):
        assert words in page, words
    for secret in NEVER:
        assert secret not in page, secret
    assert (
        "dni" not in page.partition("Identidades guardadas")[2].partition("</section>")[0].lower()
    )


def test_a_reserved_case_shows_a_key_and_the_address_of_the_fiscalia(town: Town, comisario):
    report_id = town.report("robo_celular", descripcion="Me robaron")
    make_formal(town.parts, report_id, clock.now(), is_reserved=True)
    for officer in (town.operador, comisario):
        page = officer.case(report_id).text
        persons = page.partition("Identidades guardadas")[2].partition("</section>")[0]
        assert "Clave " in persons
        assert "Fiscalía provincial penal de turno" in persons
        assert "Identidad reservada" in page
        assert "Coordenadas" not in page
        assert "El límite está a" not in page
        for secret in NEVER:
            assert secret not in page, secret
    assert "/abrir" in comisario.case(report_id).text
    assert "/abrir" not in town.operador.case(report_id).text


def test_an_alerta_has_none_of_it(town: Town):
    report_id = town.report()
    town.operador.act(report_id, "recibir")
    page = town.operador.case(report_id).text
    for words in ("Registrar una actuación", "Agregar calificación", "Identidades guardadas"):
        assert words not in page
    assert town.operador.get(actuacion(report_id, "inspeccion")).status_code == 404


def test_an_actuacion_asks_only_what_it_needs(town: Town, denuncia):
    town.operador.act(denuncia, "recibir")
    page = town.operador.case(denuncia).text
    assert actuacion(denuncia, "inspeccion") in page
    assert actuacion(denuncia, "recibida") not in page
    asked = {
        "inspeccion": {"fecha", "detalle"},
        "asignada_a_investigador": {"fecha", "investigador"},
        "enviada_a_fiscalia": {"fecha", "fiscalia", "numero"},
        "ratificada": {"fecha"},
    }
    for codigo, names in asked.items():
        form = town.operador.get(actuacion(denuncia, codigo)).text
        shown = {
            n
            for n in ("fecha", "detalle", "investigador", "fiscalia", "numero")
            if f'name="{n}"' in form
        }
        assert shown == names, codigo
    assert town.operador.get(actuacion(denuncia, "inventada")).status_code == 404


def test_a_denuncia_is_followed_to_its_end_without_scripts(town: Town, denuncia, comisario):
    officer = town.operador
    officer.act(denuncia, "recibir")
    done = officer.post(
        actuacion(denuncia, "asignada_a_investigador"),
        fecha=today(),
        investigador=comisario.staff_id,
    )
    assert (done.status_code, done.location) == (303, f"/panel/casos/{denuncia}")
    officer.post(actuacion(denuncia, "ratificada"), fecha=today())
    officer.post(
        actuacion(denuncia, "enviada_a_fiscalia"),
        fecha=today(),
        fiscalia="Segunda fiscalía de Callao",
        numero="1234-2026",
    )
    page = officer.case(denuncia).text
    for words in (
        "Actuación: asignada a un investigador",
        "A cargo</dt><dd>" + comisario.staff.display_name,
        "Segunda fiscalía de Callao · 1234-2026",
        "Ratificada en persona",
        "En atención",
    ):
        assert words in page, words
    assert "Todavía no</dd>" not in page
    assert actuacion(denuncia, "ratificada") not in page

    officer.post(
        actuacion(denuncia, "respondida"), fecha=today(), detalle="Ya está en la fiscalía."
    )
    report = town.fresh(denuncia)
    assert (report.state, report.outcome) == ("resolved", "caso_atendido")
    page = officer.case(denuncia).text
    assert "Ya está en la fiscalía." in page.partition("Mensajes con el ciudadano")[2]
    assert "Registrar una actuación" not in page


@pytest.mark.parametrize(
    ("codigo", "fields", "kept"),
    [
        ("inspeccion", {"fecha": "2020-01-01", "detalle": "Se halló la caja"}, "Se halló la caja"),
        ("inspeccion", {"fecha": "ayer", "detalle": "Se halló la caja"}, "Se halló la caja"),
        ("inspeccion", {"detalle": ""}, "error-detalle"),
        ("enviada_a_fiscalia", {"fiscalia": "Segunda", "numero": " "}, 'value="Segunda"'),
        ("asignada_a_investigador", {"investigador": "999999"}, "error-investigador"),
        ("asignada_a_investigador", {"investigador": ""}, "error-investigador"),
        ("respondida", {"detalle": "r" * 1001}, "r" * 1001),
    ],
)
def test_what_was_typed_stays_and_the_field_is_named(town: Town, denuncia, codigo, fields, kept):
    town.operador.act(denuncia, "recibir")
    answer = town.operador.post(actuacion(denuncia, codigo), **{"fecha": today(), **fields})
    assert answer.status_code == 422
    assert 'class="error-campo"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert kept in answer.text
    assert town.fresh(denuncia).state == "acknowledged"


def test_who_was_slower_keeps_what_was_typed(town: Town, denuncia, comisario):
    town.operador.act(denuncia, "recibir")
    comisario.post(actuacion(denuncia, "archivada"), fecha=today(), detalle="No hay indicios")
    answer = town.operador.post(
        actuacion(denuncia, "inspeccion"), fecha=today(), detalle="Se halló la caja"
    )
    assert answer.status_code == 409
    assert "El caso ya está cerrado" in answer.text
    assert "Se halló la caja" in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_name_is_added_and_never_twice(town: Town, denuncia, htmx: bool):
    town.operador.act(denuncia, "recibir")
    assert '<option value="010309"' not in town.operador.case(denuncia).text
    town.operador.act(denuncia, "calificar", calificacion="010301", htmx=htmx)
    again = town.operador.act(denuncia, "calificar", calificacion="010301", htmx=htmx)
    assert again.status_code == 422
    assert "Esa calificación ya está en el caso." in again.text
    assert town.operador.act(denuncia, "calificar", calificacion="x").status_code == 422
    db.session.rollback()
    assert list(db.session.scalars(select(Calificacion.codigo).order_by(Calificacion.id))) == [
        "010309",
        "010301",
    ]
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "qualified"))
    assert entry.details["codigo"] == "010301"
    assert "Se agregó una calificación" in town.operador.case(denuncia).text


def test_only_the_comisario_is_offered_to_reject(town: Town, denuncia, comisario):
    assert "/rechazar" not in town.operador.case(denuncia).text
    assert town.operador.act(denuncia, "rechazar", motivo="no_es_un_aviso").status_code == 403
    page = comisario.case(denuncia).text
    assert "/rechazar" in page
    assert "Aviso falso comprobado" not in page
    assert comisario.act(denuncia, "rechazar", motivo="no_es_un_aviso").status_code == 303


def test_what_the_author_adds_stands_in_the_case(town: Town, denuncia):
    now = clock.now()
    submit_ampliacion(
        town.parts, denuncia, "Ya encontré la caja", (), idempotency_key="una", now=now
    )
    page = town.operador.case(denuncia).text
    assert "Ya encontré la caja" in page.partition("Mensajes con el ciudadano")[2]
    assert "agregó hechos o fotos" in page.partition("Historia")[2]


def test_photos_of_the_author_say_when_they_came(town: Town, jpeg: bytes):
    """What came with the denuncia says nothing; what was added later says so."""
    phone = a_phone(town.app)
    headers = a_device(phone)
    photo = [(BytesIO(jpeg), "foto.jpg")]
    sent = send(phone, datos("robo_celular"), headers=headers, photos=photo)
    report_id = town.id_of(sent.json["numero"])
    town.work()
    make_formal(town.parts, report_id, clock.now())
    assert "Agregada después" not in town.operador.case(report_id).text

    asked = {"numero": sent.json["numero"], "clave": sent.json["clave"]}
    access = phone.post("/api/v1/seguimiento", json=asked, headers=headers).json["acceso"]
    added = phone.post(
        "/api/v1/caso/ampliaciones",
        data={"texto": "La caja", "foto": (BytesIO(jpeg + b"x"), "caja.jpg")},
        headers={"Authorization": f"Bearer {access}", "Idempotency-Key": str(uuid4())},
    )
    assert added.status_code == 201, added.text
    town.work()
    page = town.operador.case(report_id).text
    assert page.count("Agregada después") == 1
    assert "<br>1 foto" in page.partition("Historia")[2]


def test_a_supervisor_reads_it_and_opens_nobody(town: Town, denuncia):
    chief = town.officer("supervisor", town.callao.divpol)
    page = chief.case(denuncia).text
    assert STOLEN_PHONE["hecho"]["relato"] in page
    assert "/abrir" not in page
    url = f"/panel/casos/{denuncia}/personas/{person_of(denuncia)}/abrir"
    assert chief.post(url).status_code == 403
    assert chief.get(actuacion(denuncia, "inspeccion")).status_code == 403


def test_a_denuncia_costs_no_more_statements_when_it_is_long(town: Town, denuncia):
    from tests.panel.test_desk import StatementCount

    town.operador.act(denuncia, "recibir")
    town.operador.post(actuacion(denuncia, "inspeccion"), fecha=today(), detalle="Una")

    def statements() -> int:
        with StatementCount() as count:
            town.operador.case(denuncia)
        return len(count.statements)

    short = statements()
    for number in range(4):
        town.operador.act(denuncia, "calificar", calificacion=f"01030{number + 1}")
        town.operador.post(actuacion(denuncia, "inspeccion"), fecha=today(), detalle="Otra")
    assert statements() == short
