"""`/panel/identidades`: what auditors read of openings, and their word on each."""

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from admin.openings import reference_of
from backend import clock, unmasking
from backend.db import db, transaction
from backend.denuncias import services as denuncias
from backend.denuncias.models import OpeningReview
from backend.denuncias.services import Person
from backend.identity import services as identity
from backend.identity.models import AuditEntry
from backend.territory.models import QuejaDesk
from backend.vault import services as vault
from backend.vault.models import NewPerson, Opening
from tests.builders import a_unit
from tests.formal import ROSA, make_formal, person_of
from tests.panel.stories import Officer, Town
from tests.quejas.builders import a_queja, against

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


def rows(page: str) -> list[str]:
    """What stands for each opening on the page, in its order; never its id."""
    return re.findall(r'id="apertura-(\w+)"', page)


def to_review(opening_id: int) -> str:
    return f"/panel/identidades/{reference_of(opening_id)}/revisar"


def opening_ids() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Opening.id).order_by(Opening.id)))


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
    second_row, first_row = rows(auditor.get("/panel/identidades").text)
    first, second = opening_ids()
    url = to_review(first)

    for wrong in ({}, {"resultado": "quizas"}, {"resultado": "observada", "detalle": "mal"}):
        refused = auditor.post(url, **wrong)
        assert refused.status_code == 422
        assert "No se guardó" in refused.text
    assert "mal</textarea>" in refused.text

    done = auditor.post(url, resultado="observada", detalle="No consta ninguna citación")
    assert (done.status_code, done.location) == (303, "/panel/identidades")
    assert auditor.post(url, resultado="justificada").status_code == 409
    auditor.post(to_review(second), resultado="justificada")

    db.session.rollback()
    said = {one.opening_id: one.verdict for one in db.session.scalars(select(OpeningReview))}
    assert said == {first: "observada", second: "justificada"}
    person = str(person_of(denuncia))
    assert [(entry.report_id, entry.details) for entry in audited("opening_reviewed")] == [
        (denuncia, {"person": person, "verdict": "observada"}),
        (denuncia, {"person": person, "verdict": "justificada"}),
    ]
    page = auditor.get("/panel/identidades").text
    assert "No consta ninguna citación" in page
    assert rows(page) == [second_row, first_row]
    assert "/revisar" not in page
    assert rows(auditor.get("/panel/identidades?ver=observadas").text) == [first_row]
    assert rows(auditor.get("/panel/identidades?ver=sin_revisar").text) == []
    for unknown in (to_review(999), "/panel/identidades/1/revisar"):
        assert auditor.post(unknown, resultado="justificada").status_code == 404


def test_nobody_reviews_the_own_opening(town: Town, denuncia: UUID):
    both = town.officer("comisario", town.callao.west, "dos.roles")
    identity.change_roles(
        "dos.roles", roles=["comisario", "auditor"], unit_id=both.unit_id, by=None
    )
    open_it(both, denuncia)
    refused = both.post(to_review(opening_ids()[0]), resultado="justificada")
    assert refused.status_code == 403
    assert audited("opening_reviewed") == []


def test_an_auditor_of_a_barred_unit_reads_no_opening_of_its_queja(town: Town, denuncia: UUID):
    """Nor in the sums, nor by a gap in what numbers the others."""
    desk = a_unit("CUD", "especializada")
    with transaction():
        db.session.add(QuejaDesk(unit_id=desk.id, position=1))
    cud = town.officer("operador", desk, "de.la.cud")
    queja = a_queja(
        town.parts, clock.now(), complained=against(town.callao.west), state="forwarded"
    )
    with transaction():
        who = Person(uuid4(), "implicados", 1, "Implicado", {"nombres": "X"})
        maltrato = town.parts.catalog.asunto("maltrato_policial")
        datos = {"asunto": maltrato.codigo, "hecho": {"relato": "Me insultaron"}}
        denuncias.keep_form(queja, datos, [maltrato.clasificador], [who], clock.now())
        vault.keep(queja, [NewPerson(who.id, who.data)], town.parts.settings.keys, clock.now())
    open_it(town.operador, denuncia)
    opened = cud.post(
        f"/panel/casos/{queja}/personas/{who.id}/abrir", motivo="diligencia", detalle=WORDS
    )
    assert opened.status_code == 200
    of_denuncia, of_queja = opening_ids()

    barred = town.officer("auditor", town.callao.west, "auditor.oeste")
    page = barred.get("/panel/identidades").text
    assert len(rows(page)) == 1
    for told in ("de.la.cud", "CUD", str(queja), "Implicado"):
        assert told not in page, told
    assert not re.search(r"apertura-\d+\"|identidades/\d+/", page)
    assert rows(barred.get("/panel/identidades?usuario=de.la.cud").text) == []
    assert barred.post(to_review(of_queja), resultado="justificada").status_code == 404
    assert barred.post(to_review(of_denuncia), resultado="justificada").status_code == 303

    outside = town.officer("auditor", town.callao.east, "auditor.este")
    assert len(rows(outside.get("/panel/identidades").text)) == 2
    outside.post(to_review(of_queja), resultado="justificada")
    assert str(queja) not in barred.get("/panel/auditoria").text
    assert str(queja) in outside.get("/panel/auditoria").text


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
    monkeypatch.setattr(unmasking, "OPENINGS_PER_DAY", 1)
    comisario = town.officer("comisario", town.callao.west)
    open_it(comisario, denuncia)
    assert "pasó el máximo" not in auditor.get("/panel/identidades").text
    open_it(comisario, denuncia)
    assert "pasó el máximo del día: fue la número 2" in auditor.get("/panel/identidades").text


@pytest.mark.parametrize("role", ["administrador", "operador", "comisario", "supervisor"])
def test_only_auditors_read_and_judge(town: Town, role: str):
    officer = town.officer(role, town.callao.west, "alguien")
    assert officer.get("/panel/identidades").status_code == 403
    assert officer.post(to_review(1), resultado="justificada").status_code == 403


def test_nothing_opened_is_said_so(auditor: Officer):
    assert "Nada coincide" in auditor.get("/panel/identidades").text
