"""`/panel/identidades`: what auditors read of openings, and their word on each."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select, text

from backend import casework, clock
from backend.db import db
from backend.denuncias.models import OpeningReview
from backend.identity.models import AuditEntry
from tests.formal import ROSA, make_formal, person_of
from tests.panel.stories import Officer, Town

WORDS = "Para citarla a declarar el martes"


@pytest.fixture
def auditor(town: Town) -> Officer:
    return town.officer("auditor", None)


@pytest.fixture
def denuncia(town: Town) -> UUID:
    report_id = town.report("robo_celular", descripcion="Me robaron")
    make_formal(town.parts, report_id, clock.now())
    return report_id


def open_it(officer: Officer, report_id: UUID, words: str = WORDS) -> None:
    url = f"/panel/casos/{report_id}/personas/{person_of(report_id)}/abrir"
    assert officer.post(url, motivo="diligencia", detalle=words).status_code == 200


def rows(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="apertura-(\d+)"', page)]


def audited(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_who_opened_when_why_and_never_whom(town: Town, auditor: Officer, denuncia: UUID):
    open_it(town.operador, denuncia)
    page = auditor.get("/panel/identidades").text
    for words in (
        town.operador.staff.username,
        "Comisaría WEST",
        "Realizar una diligencia",
        WORDS,
        "Denunciante",
        f"/panel/auditoria?reporte={denuncia}",
    ):
        assert words in page, words
    for secret in (ROSA["nombres"], ROSA["numero_documento"], town.numero(denuncia)):
        assert secret not in page
    assert len(audited("openings_read")) == 1


def test_who_opens_most_is_counted_for_a_week_and_a_month(
    town: Town, auditor: Officer, denuncia: UUID, owner_engine
):
    comisario = town.officer("comisario", town.callao.west)
    for officer in (town.operador, town.operador, comisario):
        open_it(officer, denuncia)
    copy_opening(owner_engine, 1, days_ago=10)
    page = auditor.get("/panel/identidades").text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    counts = re.findall(r"usuario=([^\"]+)\".*?<td>(\d+)</td><td>(\d+)</td>", table)
    assert counts == [
        (town.operador.staff.username, "2", "3"),
        (comisario.staff.username, "1", "1"),
    ]


def copy_opening(owner_engine, times: int, days_ago: int = 0) -> None:
    """So many more openings like the first one; only the owner of the vault can."""
    copies = """
        INSERT INTO vault.opening
            (person_id, report_id, staff_id, unit_id, reason, words, at, written_by)
        SELECT person_id, report_id, staff_id, unit_id, reason, words,
               at - make_interval(days => :days_ago), written_by
        FROM (SELECT * FROM vault.opening ORDER BY id LIMIT 1) AS first,
             generate_series(1, :times)
    """
    with owner_engine.begin() as connection:
        connection.execute(text(copies), {"times": times, "days_ago": days_ago})


def test_an_opening_is_judged_once_and_the_word_stands(
    town: Town, auditor: Officer, denuncia: UUID
):
    open_it(town.operador, denuncia)
    open_it(town.operador, denuncia)
    second, first = rows(auditor.get("/panel/identidades").text)
    url = f"/panel/identidades/{first}/revisar"

    for wrong in ({}, {"resultado": "quizas"}, {"resultado": "observada", "detalle": "mal"}):
        refused = auditor.post(url, **wrong)
        assert refused.status_code == 422
        assert "No se guardó" in refused.text
    assert "mal</textarea>" in refused.text

    done = auditor.post(url, resultado="observada", detalle="No consta ninguna citación")
    assert (done.status_code, done.location) == (303, "/panel/identidades")
    assert auditor.post(url, resultado="justificada").status_code == 409
    auditor.post(f"/panel/identidades/{second}/revisar", resultado="justificada")

    db.session.rollback()
    said = {one.opening_id: one.verdict for one in db.session.scalars(select(OpeningReview))}
    assert said == {first: "observada", second: "justificada"}
    assert [entry.details for entry in audited("opening_reviewed")] == [
        {"opening": first, "verdict": "observada"},
        {"opening": second, "verdict": "justificada"},
    ]
    page = auditor.get("/panel/identidades").text
    assert "No consta ninguna citación" in page
    assert f"/panel/identidades/{first}/revisar" not in page
    assert rows(auditor.get("/panel/identidades?ver=observadas").text) == [first]
    assert rows(auditor.get("/panel/identidades?ver=sin_revisar").text) == []
    assert (
        auditor.post("/panel/identidades/999/revisar", resultado="justificada").status_code == 404
    )


def test_pages_follow_each_other_without_gap_or_repetition(
    town: Town, auditor: Officer, denuncia: UUID, owner_engine
):
    open_it(town.operador, denuncia)
    copy_opening(owner_engine, 120)
    seen, address = [], f"/panel/identidades?usuario={town.operador.staff.username}"
    while address:
        page = auditor.get(address).text
        seen += rows(page)
        link = re.search(r'href="([^"]*antes=[^"]*)"', page)
        address = link[1].replace("&amp;", "&") if link else None
    assert len(seen) == len(set(seen)) == 121
    assert rows(auditor.get("/panel/identidades?usuario=nadie").text) == []
    assert auditor.get("/panel/identidades?antes=x").status_code == 200


def test_who_passed_the_days_number_is_marked(
    town: Town, auditor: Officer, denuncia: UUID, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(casework, "OPENINGS_PER_DAY", 1)
    comisario = town.officer("comisario", town.callao.west)
    open_it(comisario, denuncia)
    assert "pasó el máximo" not in auditor.get("/panel/identidades").text
    open_it(comisario, denuncia)
    assert "pasó el máximo del día: fue la número 2" in auditor.get("/panel/identidades").text


@pytest.mark.parametrize("role", ["administrador", "operador", "comisario", "supervisor"])
def test_only_auditors_read_and_judge(town: Town, role: str):
    officer = town.officer(role, town.callao.west, "alguien")
    assert officer.get("/panel/identidades").status_code == 403
    assert officer.post("/panel/identidades/1/revisar", resultado="justificada").status_code == 403


def test_nothing_opened_is_said_so(auditor: Officer):
    assert "Nada coincide" in auditor.get("/panel/identidades").text
