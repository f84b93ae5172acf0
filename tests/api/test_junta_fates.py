"""`GET /junta/informes` and `/junta/resumen`: what came of what a junta told."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from freezegun import freeze_time
from sqlalchemy import event, select

from backend import clock, triage
from backend.db import db
from backend.journey import add_author_message, contest_closure
from backend.reports.models import Report
from backend.reports.states import Verification
from mobile_api.limits import limiter
from tests.api.problems import assert_problem
from tests.builders import a_member_of_staff
from tests.coordinating import SENSIBLE_PLACE, Coordinator, a_coordinator
from tests.journey.doing import do_all_work

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # in Lima


class Story:
    """A coordinator, the officer of the comisaría, and the workers, on one day."""

    def __init__(self, app, callao) -> None:
        self.parts = app.extensions["yo_alerto"]
        self.junta: Coordinator = a_coordinator(app, callao.west)
        self.operador = a_member_of_staff("operador.west", "operador", callao.west)

    def tell(self, categoria: str = "robo", **changes) -> UUID:
        told = self.junta.tell(categoria, **changes)
        assert told.status_code == 201, told.text
        do_all_work(self.parts)
        db.session.rollback()
        query = select(Report.id).where(Report.numero == told.json["numero"])
        return db.session.scalars(query).one()

    def acknowledge(self, report_id: UUID) -> None:
        triage.record_acknowledgement(self.parts, self.operador, report_id, clock.now())

    def close(self, report_id: UUID, outcome: str, words: str = "") -> None:
        triage.close(
            self.parts, self.operador, report_id, outcome=outcome, words=words, now=clock.now()
        )

    def answer(self, report_id: UUID, text: str) -> None:
        triage.answer(self.parts, self.operador, report_id, text=text, now=clock.now())

    def done(self, report_id: UUID, outcome: str) -> None:
        self.acknowledge(report_id)
        self.close(report_id, outcome)

    def verify(self, report_id: UUID) -> None:
        triage.verify(
            self.parts,
            self.operador,
            report_id,
            verification=Verification.VERIFIED,
            way="visto_en_el_lugar",
            words="",
            now=clock.now(),
        )
        do_all_work(self.parts)

    def fates(self) -> list[dict]:
        answer = self.junta.get("informes")
        assert answer.status_code == 200, answer.text
        return answer.json["informes"]

    def lines(self, month: str = "") -> list[str]:
        answer = self.junta.get(f"resumen?mes={month}" if month else "resumen")
        assert answer.status_code == 200, answer.text
        return answer.json["lineas"]


@pytest.fixture
def moment():
    with freeze_time(NOON) as watch:
        yield watch


@pytest.fixture
def story(moment, app, callao, monkeypatch) -> Story:
    monkeypatch.setattr(limiter, "enabled", False)
    return Story(app, callao)


def test_each_step_of_the_desk_is_read_in_plain_words(story, moment):
    report = story.tell("danos_pintas")
    assert story.fates() == [
        {
            "categoria": "Daños o pintas",
            "tipo": "delito",
            "enviado_el": "2026-11-20",
            "estado": "derivado",
            "texto": "Llegó a Comisaría WEST.",
            "actualizado_el": "2026-11-20",
            "logro": None,
            "respuestas": [],
        }
    ]
    moment.tick(timedelta(days=1))
    story.junta.open()
    story.acknowledge(report)
    [fate] = story.fates()
    assert fate["estado"] == "recibido_por_comisaria"
    assert fate["texto"] == "Una persona de Comisaría WEST lo recibió."
    assert fate["actualizado_el"] == "2026-11-21"
    story.verify(report)
    assert story.fates()[0]["logro"] is None
    story.close(report, "patrulla_intervino")
    [fate] = story.fates()
    assert fate["estado"] == "atendido"
    assert fate["texto"] == "Una patrulla fue al lugar e intervino. Gracias por avisar."
    assert fate["logro"] == "patrulla"


@pytest.mark.parametrize(
    ("categoria", "outcome", "logro"),
    [
        ("robo", "personas_intervenidas", "intervencion"),
        ("falta_de_luz", "riesgo_corregido", "riesgo_corregido"),
        ("falta_de_luz", "incluido_en_patrullaje", "patrulla"),
        ("robo", "sin_novedad", None),
        ("robo", "orientado_a_denunciar", None),
    ],
)
def test_what_each_outcome_led_to(story, categoria, outcome, logro):
    story.done(story.tell(categoria), outcome)
    assert story.fates()[0]["logro"] == logro


def test_what_is_reopened_has_led_to_nothing_yet(story):
    report = story.tell()
    story.done(report, "patrulla_intervino")
    contest_closure(story.parts, report, "No vino nadie", clock.now())
    [fate] = story.fates()
    assert (fate["estado"], fate["logro"]) == ("derivado", None)


def test_what_the_desk_answers_is_read_in_the_order_of_writing(story, moment):
    light = story.tell("falta_de_luz")
    moment.tick()
    graffiti = story.tell("danos_pintas")
    moment.move_to("2026-11-21T04:30:00Z")  # the same day in Lima, still
    story.answer(light, "Avisamos a la municipalidad.")
    moment.tick(timedelta(hours=1))
    story.answer(light, "Mañana cambian el foco.\nGracias.")
    story.junta.open()
    assert [fate["respuestas"] for fate in story.fates()] == [
        [],
        [
            {"texto": "Avisamos a la municipalidad.", "escrito_el": "2026-11-20"},
            {"texto": "Mañana cambian el foco.\nGracias.", "escrito_el": "2026-11-21"},
        ],
    ]
    story.answer(graffiti, "Va una patrulla.")
    assert [len(fate["respuestas"]) for fate in story.fates()] == [1, 2]


def test_no_answer_says_who_wrote_it_nor_repeats_what_the_author_wrote(story):
    report = story.tell()
    add_author_message(report, "Yo vivo en la casa verde", clock.now())
    story.answer(report, "Va una patrulla.")
    assert [one["texto"] for one in story.fates()[0]["respuestas"]] == ["Va una patrulla."]
    assert "operador.west" not in story.junta.get("informes").text


def test_another_junta_reads_no_answer(story, app, callao):
    story.answer(story.tell(), "Va una patrulla.")
    neighbour = a_coordinator(app, callao.west, code="JV-002")
    assert "patrulla" not in neighbour.get("informes").text


def test_neither_words_nor_places_are_told_again(story):
    story.tell(descripcion="La casa verde de la esquina")
    answer = story.junta.get("informes").text
    assert "verde" not in answer and "-77" not in answer and "YA-" not in answer


def test_of_sensible_ones_only_how_many_this_month(story, moment):
    story.tell("extorsion", lugar=SENSIBLE_PLACE)
    story.tell("venta_drogas", lugar=SENSIBLE_PLACE)
    answer = story.junta.get("informes").json
    assert answer == {"informes": [], "reservados": 2, "cursor": None}
    assert story.lines() == ["Este mes no hay informes que contar. Si algo pasa, avisemos."]
    moment.move_to("2026-12-01T05:00:00Z")
    story.junta.open()
    assert story.junta.get("informes").json["reservados"] == 0


def test_the_list_goes_on_where_it_ended(story, moment):
    reports = []
    for _ in range(45):
        moment.tick(timedelta(seconds=1))
        reports.append(story.junta.tell("falta_de_luz").status_code)
    assert set(reports) == {201}
    pages, cursor = [], ""
    while True:
        answer = story.junta.get(f"informes?cursor={cursor}").json
        pages.append(len(answer["informes"]))
        cursor = answer["cursor"]
        if cursor is None:
            break
    assert pages == [20, 20, 5]
    assert_problem(story.junta.get("informes?cursor=inventado"), 422, "cursor")
    session = story.junta.token
    assert_problem(story.junta.get(f"informes?cursor={session}"), 422, "cursor")


def test_a_page_costs_the_same_whatever_its_length(story):
    def queries() -> int:
        asked: list[str] = []

        def note(connection, cursor, statement, *_: object) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        story.fates()
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    story.answer(story.tell(), "Va una patrulla.")
    few = queries()
    for _ in range(6):
        story.answer(story.tell("falta_de_luz"), "Avisamos a la municipalidad.")
    assert queries() == few <= 7


# The month to read aloud


def test_a_month_to_read_aloud(story):
    first, second = story.tell("robo"), story.tell("robo")
    noise, lamp = story.tell("ruidos_alcohol"), story.tell("falta_de_luz")
    story.tell("lugar_abandonado")
    story.tell("extorsion", lugar=SENSIBLE_PLACE)
    story.done(first, "patrulla_intervino")
    story.done(lamp, "riesgo_corregido")
    story.done(noise, "sin_novedad")
    story.acknowledge(second)
    answer = story.junta.get("resumen?mes=2026-11").json
    assert answer == {
        "mes": "2026-11",
        "titulo": "Junta JV-001: lo que contamos en noviembre de 2026",
        "lineas": [
            "Informamos a la policía de 2 delitos, 1 falta y 2 factores de riesgo.",
            "La policía ya recibió 4 de 5.",
            "Ya tienen respuesta final 3 de 5.",
            "1 vez una patrulla intervino o el lugar entró al patrullaje.",
            "1 factor de riesgo ya fue corregido.",
            "2 siguen en espera.",
        ],
    }
    assert story.junta.get("resumen").json == answer


def test_a_month_in_which_all_went_well(story):
    for _ in range(2):
        story.done(story.tell("robo"), "personas_intervenidas")
    assert story.lines() == [
        "Informamos a la policía de 2 delitos.",
        "La policía ya recibió todo.",
        "Todo tiene ya respuesta final.",
        "2 veces la policía intervino a personas.",
    ]


def test_a_month_in_which_nobody_listened(story):
    story.tell("accidente_transito")
    assert story.lines() == [
        "Informamos a la policía de 1 asunto de otra clase.",
        "La policía todavía no ha recibido nada de eso.",
        "Nada de eso tiene todavía respuesta final.",
        "1 sigue en espera.",
    ]


def test_what_was_rejected_unseen_or_reopened_had_been_received(story):
    """To read aloud "todavía no ha recibido nada" of what the police closed would be false."""
    triage.reject(
        story.parts,
        story.operador,
        story.tell("ruidos_alcohol"),
        reason="no_se_entiende",
        words="",
        now=clock.now(),
    )
    assert story.lines() == [
        "Informamos a la policía de 1 falta.",
        "La policía ya recibió todo.",
        "Todo tiene ya respuesta final.",
    ]
    report = story.tell()
    story.done(report, "sin_novedad")
    contest_closure(story.parts, report, "No vino nadie", clock.now())
    assert story.lines()[1:] == [
        "La policía ya recibió todo.",
        "Ya tienen respuesta final 1 de 2.",
        "1 sigue en espera.",
    ]


def test_a_month_ends_at_midnight_in_lima(story, moment):
    moment.move_to("2026-12-01T04:59:59Z")
    story.junta.open()
    story.tell()
    moment.move_to("2026-12-01T05:00:00Z")
    story.junta.open()
    story.tell("falta_de_luz")
    assert story.lines("2026-11")[0] == "Informamos a la policía de 1 delito."
    assert story.lines("2026-12")[0] == "Informamos a la policía de 1 factor de riesgo."


def test_months_that_are_none(story):
    for month in ("2026-12", "2027-01", "2026-13", "noviembre", "2026-1", "2020-01", "2026-11%0A"):
        assert_problem(story.junta.get(f"resumen?mes={month}"), 422, "mes")
    future = story.junta.get("resumen?mes=2026-12").json["detail"]
    assert future == "Ese mes todavía no llega."
    before = story.junta.get("resumen?mes=2020-01").json["detail"]
    assert before == "En ese mes la junta todavía no existía."
