"""`/panel/mesa`: what an officer finds there, in which order, and how it stays fresh."""

import re
import time
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from sqlalchemy import event, text, update
from werkzeug.datastructures import MultiDict

from admin.desk_filters import Filters
from admin.desk_rows import desk_page
from backend import clock, deadlines, journey
from backend.db import db, transaction
from backend.identity.models import Staff
from backend.reports.models import Report
from backend.reports.queries import desk_pulse
from tests.builders import IN_EAST
from tests.formal import make_formal
from tests.panel.stories import Officer, Town

NOBODY_KNOWS = "YA-0000-0000-1"
CARD = re.compile(r'<li class="reporte[^"]*" id="r-([0-9a-f-]{36})"')
CUPOS = {"asunto": "cobro_de_cupos", "hecho": {"relato": "Me piden cupo cada semana"}}
NEAR_BORDER = {"lugar": {"origen": "gps", "lat": -12.06, "lon": -77.1203, "precision_m": 80}}


def cards(page: str) -> list[str]:
    """The reports of the main list, in its order."""
    listed = page.partition('data-region="lista"')[2].partition("</ol>")[0]
    return CARD.findall(listed)


def ids(*report_ids) -> list[str]:
    return [str(report_id) for report_id in report_ids]


def poll(officer: Officer, version: str, **more: str):
    return officer.get("/panel/mesa/novedades", query_string={"desde": version, **more})


def version_of(page: str) -> str:
    return page.split('data-version="')[1].split('"')[0]


class StatementCount:
    """Counts the statements of what happens inside."""

    def __enter__(self) -> "StatementCount":
        self.statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c, _cursor, statement, *_: object) -> None:
        self.statements.append(statement)


def change(report_id, **values) -> None:
    with transaction():
        db.session.execute(update(Report).where(Report.id == report_id).values(**values))


# --- What is on it --------------------------------------------------------------------------------


def test_a_card_says_in_words_what_came(town: Town):
    ahead = (clock.now() + timedelta(hours=3)).isoformat()
    report_id = town.report(ocurrido_en=ahead, en_curso=True)

    page = town.operador.get("/panel/mesa").text

    for words in (
        "Urgente",
        "Me están robando",
        "Sin verificar",
        "Dice una hora que no había llegado",
    ):
        assert words in page
    assert "Está pasando ahora" in page
    assert "Dos personas en una moto" in page
    assert town.numero(report_id) in page
    assert re.search(r"Recibir: <span data-deadline=\"[^\"]+\">quedan \d", page)


def test_urgent_comes_first_by_the_time_left_then_the_oldest(town: Town):
    late = town.report("robo_celular", descripcion="Se llevaron mi celular negro")
    old = town.report("robo_vehiculo", descripcion="Se llevaron una moto roja")
    calm = town.report("robo", descripcion="Asaltan en la esquina del mercado")
    hurried = town.report("pelea_agresion", descripcion="Se pelean muchos jóvenes")
    now = clock.now()
    change(old, received_at=now - timedelta(hours=2))
    change(hurried, acknowledge_by=now - timedelta(minutes=12))

    page = town.operador.get("/panel/mesa").text

    assert cards(page) == ids(hurried, calm, old, late)
    assert "vencido hace 12 min" in page


def test_what_somebody_acknowledged_gives_way_to_what_nobody_saw(town: Town):
    seen, unseen = town.report(), town.report(descripcion="Otro robo muy distinto del primero")
    town.operador.act(seen, "recibir")

    assert cards(town.operador.get("/panel/mesa").text) == ids(unseen, seen)


def test_a_sensitive_report_shows_the_band_of_the_day(town: Town):
    place = {"origen": "referencia", "distrito": "070101", "referencia": "Mercado"}
    report_id = town.report("extorsion", lugar=place)
    at = clock.now() - timedelta(days=3)
    change(report_id, received_at=at, acknowledge_by=at)
    desk = town.officer("operador", town.callao.extortion_desk)

    minute = clock.in_lima(at).strftime("%H:%M")
    for page in (desk.get("/panel/mesa").text, desk.case(report_id).text):
        assert re.search(r"\d\d/\d\d/\d{4}, (de madrugada|en la (mañana|tarde|noche))", page)
        assert minute not in page
        assert at.strftime("%H:%M") not in page
    assert cards(town.operador.get("/panel/mesa").text) == []


def test_a_matter_that_waits_for_no_shift_shows_the_minutes_left(town: Town):
    place = {"origen": "referencia", "distrito": "070101", "referencia": "Mercado"}
    report_id = town.report("extorsion", lugar=place)
    make_formal(town.parts, report_id, clock.now(), datos=CUPOS)
    at = clock.now() - timedelta(minutes=3)
    change(report_id, received_at=at, acknowledge_by=at + timedelta(minutes=15))
    desk = town.officer("operador", town.callao.extortion_desk)

    for page in (desk.get("/panel/mesa").text, desk.case(report_id).text):
        assert re.search(r"Recibir: <span data-deadline=\"[^\"]+\">quedan 1[12] min", page)
        assert re.search(r"(hoy|ayer), (de madrugada|en la (mañana|tarde|noche))", page)
        assert clock.in_lima(at).strftime("%H:%M") not in page


def test_closed_reports_are_shown_when_asked_for(town: Town):
    report_id = town.report()
    town.operador.act(report_id, "recibir")
    town.operador.act(report_id, "cerrar", desenlace="sin_novedad")

    assert cards(town.operador.get("/panel/mesa").text) == []
    assert cards(town.operador.get("/panel/mesa?ver=todos").text) == ids(report_id)
    assert cards(town.operador.get("/panel/mesa?estado=dismissed").text) == ids(report_id)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("estado=forwarded", True),
        ("estado=acknowledged", False),
        ("tipo=alerta", True),
        ("tipo=factor_de_riesgo", False),
        ("categoria=robo", True),
        ("categoria=ruido", False),
        ("prioridad=1", True),
        ("prioridad=3", False),
        ("marca=passed", True),
        ("marca=held", False),
        ("verificacion=unverified", True),
        ("verificacion=verified", False),
        ("estado=%00&prioridad=abc&ver=x&unidad=99999999999&cursor=%F0%9F", True),
    ],
)
def test_filters(town: Town, query: str, is_found: bool):
    report_id = town.report()
    answer = town.operador.get(f"/panel/mesa?{query}")
    assert answer.status_code == 200
    assert cards(answer.text) == (ids(report_id) if is_found else [])


def test_pages_follow_each_other_without_repeating(town: Town):
    one = town.report()
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO report (id, numero, clave_key_version, kind, categoria, priority,"
                " is_sensible, is_ongoing, place_source, received_at, updated_at, state, unit_id,"
                " routing_rule) SELECT gen_random_uuid(), 'YA-' || lpad(n::text, 9, '0'), 1,"
                " 'alerta', 'robo', 1 + n % 3, false, false, 'referencia', now() - n * interval"
                " '1 minute', now(), (ARRAY['forwarded', 'acknowledged'])[1 + n % 2], :unit,"
                " 'district' FROM generate_series(1, 119) n"
            ),
            {"unit": town.callao.west.id},
        )
    for start in ("/panel/mesa", "/panel/mesa?ver=todos"):
        found, url = [], start
        while url:
            page = town.operador.get(url).text
            found += cards(page)
            following = re.search(r'id="pag-siguiente" href="([^"]+)"', page)
            url = following[1].replace("&amp;", "&") if following else ""
        assert len(found) == len(set(found)) == 120
        assert str(one) in found


# --- Whose it is ----------------------------------------------------------------------------------


def test_each_sees_the_desk_of_their_own_ground(town: Town):
    west, east = town.report(), town.report(lugar={"origen": "gps", "precision_m": 5, **IN_EAST})
    c = town.callao
    seen = {
        town.officer("operador", c.west, "uno"): [west],
        town.officer("comisario", c.east): [east],
        town.officer("jefe_sector", c.sector): [],
        town.officer("supervisor", c.divpol): [],
        town.officer("operador", c.extortion_desk): [],
        town.officer("operador", None): [],
    }
    for officer, expected in seen.items():
        assert cards(officer.get("/panel/mesa").text) == ids(*expected)
        assert cards(officer.get(f"/panel/mesa?unidad={c.west.id}").text) == ids(
            *(one for one in expected if one == west)
        ) or officer.staff.username.startswith("supervisor")
    for role in ("analista", "administrador", "auditor", "secretaria_tecnica"):
        assert town.officer(role, c.west).get("/panel/mesa").status_code == 403


def test_a_supervisor_opens_the_desks_below(town: Town):
    west, east = town.report(), town.report(lugar={"origen": "gps", "precision_m": 5, **IN_EAST})
    supervisor = town.officer("supervisor", town.callao.divpol)

    everything = supervisor.get("/panel/mesa?unidad=todas").text
    assert sorted(cards(everything)) == sorted(ids(west, east))
    assert "Comisaría WEST" in everything
    assert cards(supervisor.get(f"/panel/mesa?unidad={town.callao.east.id}").text) == ids(east)


def test_a_supervisor_is_shown_what_nobody_acknowledged(town: Town):
    report_id = town.report("robo_celular", descripcion="Me arrancharon el celular")
    supervisor = town.officer("supervisor", town.callao.divpol)
    section = "Nadie los ha recibido allí"
    assert section not in supervisor.get("/panel/mesa").text

    deadlines.escalate_overdue(town.parts, clock.now() + timedelta(hours=1))
    town.work()

    page = supervisor.get("/panel/mesa").text
    assert section in page
    assert f"r-{report_id}" in page
    supervisor.act(report_id, "recibir")
    assert section not in supervisor.get("/panel/mesa").text


def test_the_jefe_de_sector_sees_what_the_sector_was_given(town: Town):
    mine, other = town.report(), town.report(descripcion="Otro robo muy distinto del primero")
    town.operador.act(mine, "recibir")
    town.operador.act(mine, "asignar", sector=town.callao.sector.id)
    chief = town.officer("jefe_sector", town.callao.sector)

    assert cards(chief.get("/panel/mesa").text) == ids(mine)
    assert chief.case(mine).status_code == 200
    assert chief.case(other).status_code == 404


def test_a_neighbour_gets_a_card_that_leads_nowhere(town: Town):
    report_id = town.report("accidente_transito", descripcion="Texto del vecino", **NEAR_BORDER)
    numero = town.numero(report_id)
    neighbour = town.officer("operador", town.callao.east)

    page = neighbour.get("/panel/mesa").text

    margin = page.partition("Cerca de su límite")[2]
    assert "Accidente de tránsito" in margin
    assert cards(page) == []
    for hidden in (numero, str(report_id), "Texto del vecino", "12.06"):
        assert hidden not in page
    assert neighbour.case(report_id).status_code == 404


def test_a_former_owner_keeps_number_and_state(town: Town):
    report_id = town.report(descripcion="Texto que ya no se ve")
    numero = town.numero(report_id)
    town.operador.act(report_id, "recibir")
    moved = town.operador.act(
        report_id, "trasladar", unidad=town.callao.east.id, motivo="otra_jurisdiccion"
    )
    assert moved.status_code == 303

    page = town.operador.get("/panel/mesa").text
    assert numero in page
    assert str(report_id) not in page
    assert "Texto que ya no se ve" not in page
    assert town.operador.case(report_id).status_code == 404
    assert "fue trasladado" in town.operador.post("/panel/mesa/buscar", numero=numero).text


# --- By number ------------------------------------------------------------------------------------


def test_a_number_is_found_however_it_is_written(town: Town):
    report_id = town.report()
    numero = town.numero(report_id)
    sloppy = numero.replace("YA-", "").replace("-", " ").lower()
    for written in (numero, sloppy, f"  {numero} "):
        answer = town.operador.post("/panel/mesa/buscar", numero=written)
        assert answer.status_code == 303
        assert answer.location == f"/panel/casos/{report_id}"


def test_a_number_of_others_and_a_wrong_one_are_told_apart_from_typos_only(town: Town):
    numero = town.numero(town.report(lugar={"origen": "gps", "precision_m": 5, **IN_EAST}))
    theirs = town.operador.post("/panel/mesa/buscar", numero=numero)
    unknown = town.operador.post("/panel/mesa/buscar", numero="YA-2222-2222-2")
    assert theirs.status_code in (404, 422)
    assert "No encontramos ese número" in theirs.text
    wrong = town.operador.post("/panel/mesa/buscar", numero="YA-12")
    assert wrong.status_code == 422
    assert 'value="YA-12"' in wrong.text
    assert unknown.status_code in (404, 422)


# --- News -----------------------------------------------------------------------------------------


def test_an_open_desk_hears_of_a_new_report_and_then_nothing(town: Town):
    version = version_of(town.operador.get("/panel/mesa").text)
    assert poll(town.operador, version).status_code == 204

    report_id = town.report()

    news = poll(town.operador, version)
    assert news.status_code == 200
    assert cards(news.text) == ids(report_id)
    assert f"{report_id}:u" in news.text
    assert "<html" not in news.text
    assert poll(town.operador, version_of(news.text)).status_code == 204


def test_other_pages_hear_only_who_waits(town: Town):
    report_id = town.report()
    news = poll(town.operador, "", solo="avisos").text
    assert f"{report_id}:u" in news
    assert "Dos personas" not in news


def test_news_rings_for_reports_that_a_filter_hides(town: Town):
    town.report()
    news = poll(town.operador, "", categoria="ruido")
    assert cards(news.text) == []
    assert ":u" in news.text


def test_a_change_that_commits_late_is_not_missed(town: Town):
    first = town.report()
    version = version_of(town.operador.get("/panel/mesa").text)
    # Another transaction took its time before this one, and commits after it.
    earlier = town.fresh(first).updated_at - timedelta(seconds=5)
    late = town.report(descripcion="Otro robo muy distinto del primero")
    seen = version_of(poll(town.operador, version).text)
    change(late, updated_at=earlier)
    assert poll(town.operador, seen).status_code == 200


def test_a_desk_hears_nothing_of_other_units(town: Town):
    version = version_of(town.operador.get("/panel/mesa").text)
    town.report(lugar={"origen": "gps", "precision_m": 5, **IN_EAST})
    assert poll(town.operador, version).status_code == 204


def test_asking_for_news_keeps_the_desk_attended(town: Town):
    beats = text("SELECT unit_id, seen_at FROM desk_heartbeat")
    assert db.session.execute(beats).all() == []
    poll(town.operador, "")
    written = db.session.execute(beats).all()
    assert [unit_id for unit_id, _ in written] == [town.operador.unit_id]
    poll(town.operador, "")  # within fifteen seconds nothing is written again
    assert db.session.execute(beats).all() == written


def test_a_poll_without_news_costs_two_statements(town: Town):
    town.report()
    version = version_of(town.operador.get("/panel/mesa").text)
    poll(town.operador, version)
    with StatementCount() as count:
        assert poll(town.operador, version).status_code == 204
    reads = [one for one in count.statements if one.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(reads) == 2, reads


def test_a_long_desk_costs_no_more_statements_than_a_short_one(town: Town):
    def statements() -> int:
        with StatementCount() as count:
            town.operador.get("/panel/mesa")
        return len(count.statements)

    town.report()
    statements()
    short = statements()
    for number in range(6):
        town.report(descripcion=f"Robo número {number} en una calle distinta {time.time_ns()}")
    assert statements() == short


def test_neither_cursor_nor_version_tells_a_time(town: Town):
    for _ in range(2):
        town.report("robo")
    staff = db.session.get_one(Staff, town.operador.staff_id)
    for only_open in ({}, {"ver": "todos"}):
        filters = Filters.read(MultiDict(only_open))
        cursor = desk_page(staff, filters, limit=1).cursor
        assert b"+00:00" not in urlsafe_b64decode(cursor)
        first = desk_page(staff, filters).cards[1]
        assert [card.id for card in desk_page(staff, filters, cursor).cards] == [first.id]
        assert desk_page(staff, filters, cursor[:-6] + "AAAAA=").cards[1].id == first.id
    version = version_of(town.operador.get("/panel/mesa").text)
    assert version not in ("", desk_pulse(staff).version)


def test_a_case_that_its_author_reopened_says_so(town):
    report_id = town.report("robo")
    town.operador.act(report_id, "recibir")
    town.operador.act(report_id, "cerrar", desenlace="sin_novedad", detalle="")
    journey.contest_closure(town.parts, report_id, "Nadie vino", clock.now())
    assert "Reabierto: no está de acuerdo" in town.operador.get("/panel/mesa").text
