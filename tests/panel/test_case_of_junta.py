"""What a desk sees of a report that a junta told: that it did, and nothing of who."""

import h3
import pytest
from sqlalchemy import update

from backend import clock
from backend.db import db, transaction
from backend.informes.models import JuntaConfirmation
from backend.reports.models import Report
from backend.riskmap.services import feed
from tests.coordinating import SENSIBLE_PLACE, Coordinator, a_coordinator

OF_A_JUNTA = "De una junta vecinal"
OF_A_NEIGHBOUR = "Lo cuenta un vecino a la junta: no pregunte quién fue"


@pytest.fixture
def junta(town) -> Coordinator:
    return a_coordinator(town.app, town.callao.west)


@pytest.fixture
def told(town, junta):
    """Something that the junta tells, on the desk; returns the report's id."""

    def tell(categoria: str = "danos_pintas", procedencia: str = "propia", **changes):
        answer = junta.tell(categoria, procedencia, **changes)
        assert answer.status_code == 201, answer.text
        town.work()
        return town.id_of(answer.json["numero"])

    return tell


def test_a_card_says_that_a_junta_tells_and_not_which(town, junta, told):
    told()
    desk = town.operador.get("/panel/mesa").text
    assert desk.count(OF_A_JUNTA) == 1
    assert OF_A_NEIGHBOUR not in desk
    assert "JV-001" not in desk and str(junta.junta_id) not in desk


def test_of_a_neighbour_the_officer_is_asked_not_to_ask(town, told):
    report_id = told(procedencia="vecino")
    for page in (town.operador.get("/panel/mesa").text, town.operador.case(report_id).text):
        assert OF_A_JUNTA in page and OF_A_NEIGHBOUR in page
        assert "JV-001" not in page


def test_a_citizens_report_has_no_such_mark(town):
    report_id = town.report("danos_pintas")
    for page in (town.operador.get("/panel/mesa").text, town.operador.case(report_id).text):
        assert OF_A_JUNTA not in page and OF_A_NEIGHBOUR not in page


def test_who_answers_is_told_who_reads_it(town, told):
    by_number, in_the_list = "con su número y su clave", "La lee quien coordina la junta"
    page = town.operador.case(told()).text
    assert in_the_list in page and "No escriba el nombre de nadie" in page
    assert by_number not in page
    page = town.operador.case(town.report("danos_pintas")).text
    assert by_number in page and in_the_list not in page


def test_a_sensible_informe_looks_like_a_citizens(town, told):
    report_id = told("extorsion", "vecino", lugar=SENSIBLE_PLACE)
    desk = town.officer("operador", town.callao.extortion_desk)
    for page in (desk.get("/panel/mesa").text, desk.case(report_id).text):
        assert town.numero(report_id) in page
        assert "unta vecinal" not in page and OF_A_NEIGHBOUR not in page


def test_the_case_counts_the_juntas_that_saw_it_too(town, junta, told):
    place = {"lat": -12.061, "lon": -77.131}
    report_id = told(lugar={"origen": "mapa", **place})
    now = clock.now()
    with transaction():
        mine = update(Report).where(Report.id == report_id)
        db.session.execute(mine.values(verification="verified", verified_at=now))
    with transaction():
        feed(report_id, town.parts.catalog)
    assert "también lo v" not in town.operador.case(report_id).text
    neighbour = a_coordinator(town.app, town.callao.west, code="JV-002")
    for count, one in enumerate((junta, neighbour), start=1):
        with transaction():
            db.session.add(
                JuntaConfirmation(
                    junta_id=one.junta_id,
                    day=clock.in_lima(now).date(),
                    cell=h3.latlng_to_cell(*place.values(), 9),
                    categoria="danos_pintas",
                )
            )
        words = ("1 junta también lo vio", "2 juntas también lo vieron")[count - 1]
        assert words in town.operador.case(report_id).text
