"""`/panel/casos/<id>`: what an officer reads there and does, one act at a time."""

import hashlib
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import h3
import pytest
from sqlalchemy import func, select, text

from admin.case_view import case_version
from backend import clock, triage
from backend.db import db, transaction
from backend.identity.models import AuditEntry
from backend.reports.models import HistoryEntry, Message
from tests.builders import IN_WEST, UnitKind, a_unit
from tests.panel.stories import Town


def trail(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.fixture
def photo_case(town: Town, jpeg: bytes) -> UUID:
    """A report with a photo whose picture is ready."""
    return town.report(photos=[(BytesIO(jpeg), "foto.jpg")])


def photo_of(report_id: UUID) -> str:
    query = text("SELECT id FROM attachment WHERE report_id = :id")
    return str(db.session.scalar(query, {"id": report_id}))


def test_no_time_can_be_read_from_the_version_of_a_case(town: Town):
    report_id = town.report()
    report = town.fresh(report_id)
    guessed = hashlib.sha256(f"{report.id} {report.updated_at.timestamp()}".encode()).hexdigest()
    assert case_version(report) != guessed[:16]
    assert case_version(report) == case_version(town.fresh(report_id))


# --- Reading --------------------------------------------------------------------------------------


def test_the_case_tells_everything_and_that_it_was_read(town: Town):
    report_id = town.report()

    page = town.operador.case(report_id)

    assert page.status_code == 200
    for words in (
        town.numero(report_id),
        "Dos personas en una moto",
        "GPS del teléfono (± 12 m)",
        "-12.060000, -77.130000",
        "El lugar está dentro de la jurisdicción",
        "El límite está a",
        "Llegó a la mesa",
        "Mesa</strong> · Entrega",
        "Marcar como recibido",
    ):
        assert words in page.text, words
    [entry] = trail("case_read")
    assert (entry.staff_id, entry.report_id) == (town.operador.staff_id, report_id)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_case_shown_beside_a_refused_form_was_read_too(town: Town, photo_case: UUID, htmx: bool):
    original = f"fotos/{photo_of(photo_case)}/original"
    town.operador.act(photo_case, "recibir", htmx=False)
    assert trail("case_read") == []

    for seen, (act, status) in enumerate(
        {"responder": 422, "recibir": 409, original: 422}.items(), start=1
    ):
        answer = town.operador.act(photo_case, act, htmx=htmx)
        assert (answer.status_code, town.numero(photo_case) in answer.text) == (status, True)
        read = [(entry.staff_id, entry.report_id) for entry in trail("case_read")]
        assert read == [(town.operador.staff_id, photo_case)] * seen


def test_a_doubtful_place_near_the_border_is_said(town: Town):
    lugar = {"origen": "gps", "lat": -12.06, "lon": -77.1203, "precision_m": 80}
    page = town.operador.case(town.report("accidente_transito", lugar=lugar)).text
    assert "puede ser de la comisaría vecina" in page


def test_the_photo_is_shown_without_metadata_and_looking_is_written_down(
    town: Town, photo_case: UUID, jpeg: bytes
):
    page = town.operador.case(photo_case).text
    assert hashlib.sha256(jpeg).hexdigest() in page
    picture = town.operador.get(f"/panel/casos/{photo_case}/fotos/{photo_of(photo_case)}/grande")
    assert picture.mimetype == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8")
    assert [entry.details["size"] for entry in trail("photo_read")] == ["large"]


def test_a_photo_whose_preparation_was_given_up_is_not_promised(
    town: Town, jpeg: bytes, monkeypatch
):
    monkeypatch.setattr(town, "work", lambda: None)
    report_id = town.report(photos=[(BytesIO(jpeg), "foto.jpg")])
    assert "Aparecerá en unos segundos" in town.operador.case(report_id).text
    with transaction():
        failed = "UPDATE report_task SET work_state = 'failed', finished_at = now()"
        db.session.execute(text(f"{failed} WHERE step = 'moderate'"))
    page = town.operador.case(report_id).text
    assert "Aparecerá en unos segundos" not in page
    assert "No se pudo preparar la foto. El original está guardado." in page


def test_the_original_needs_a_reason_and_words(town: Town, photo_case: UUID, jpeg: bytes):
    url = f"/panel/casos/{photo_case}/fotos/{photo_of(photo_case)}/original"
    for fields in ({}, {"motivo_original": "fiscalia", "detalle_original": "porque"}):
        refused = town.operador.post(url, **fields)
        assert refused.status_code == 422
        assert "error-campo" in refused.text
    assert "porque" in refused.text
    assert trail("original_downloaded") == []

    words = "Oficio 12-2026 de la segunda fiscalía"
    given = town.operador.post(url, motivo_original="fiscalia", detalle_original=words)

    assert given.data == jpeg
    assert "attachment" in given.headers["Content-Disposition"]
    [entry] = trail("original_downloaded")
    assert entry.details["words"] == words
    assert entry.details["sha256"] == hashlib.sha256(jpeg).hexdigest()


def test_the_map_has_point_doubt_and_ground(town: Town):
    drawn = town.operador.get(f"/panel/casos/{town.report()}/mapa.json").json
    assert drawn["punto"]["coordinates"] == pytest.approx([IN_WEST["lon"], IN_WEST["lat"]])
    assert drawn["duda"]["type"] == "Polygon"
    assert drawn["jurisdiccion"]["type"] in ("Polygon", "MultiPolygon")
    assert len(trail("case_map_read")) == 1


def test_a_sensitive_case_has_its_cell_and_nothing_finer(town: Town):
    cell = h3.latlng_to_cell(IN_WEST["lat"], IN_WEST["lon"], 8)
    report_id = town.report("extorsion", lugar={"origen": "celda", "celda": cell})
    desk = town.officer("operador", town.callao.extortion_desk)
    drawn = desk.get(f"/panel/casos/{report_id}/mapa.json").json
    assert drawn["punto"] is None
    assert drawn["duda"] is None
    assert drawn["celda"]["type"] == "Polygon"
    page = desk.case(report_id).text
    assert "Coordenadas" not in page
    assert "Zona marcada" in page


def test_others_near_in_place_and_time_are_offered(town: Town):
    first = town.report()
    second = town.report("pelea_agresion", descripcion="Se pelean en la misma esquina")
    page = town.operador.case(second).text
    assert f"/panel/casos/{first}" in page.partition("Otros reportes cerca")[2]


def test_an_open_case_hears_that_somebody_changed_it(town: Town):
    report_id = town.report()
    version = town.operador.case(report_id).text.split('data-version="')[1].split('"')[0]
    url = f"/panel/casos/{report_id}/novedades?desde={version}"
    assert town.operador.get(url).status_code == 204
    town.officer("comisario", town.callao.west).act(report_id, "recibir")
    assert "Hay novedades" in town.operador.get(url).text


# --- Acting ---------------------------------------------------------------------------------------


def test_a_whole_triage_without_scripts(town: Town):
    report_id = town.report()
    officer, sector = town.operador, town.callao.sector

    assert officer.act(report_id, "recibir").location == f"/panel/casos/{report_id}"
    officer.act(report_id, "verificar", resultado="verified", como="por_camara", detalle="Cámara 3")
    officer.act(report_id, "asignar", sector=sector.id)
    officer.act(report_id, "responder", texto="Una patrulla va en camino.")
    officer.act(report_id, "cerrar", desenlace="patrulla_intervino")

    report = town.fresh(report_id)
    assert (report.state, report.verification) == ("resolved", "verified")
    assert report.sector_id == sector.id
    page = officer.case(report_id).text
    for words in (
        "Visto por cámara",
        "«Cámara 3»",
        "Una patrulla va en camino.",
        "La patrulla intervino",
        "Asignado a un sector",
        officer.staff.display_name,
    ):
        assert words in page, words
    assert "Qué hacer" in page  # the verification may still be corrected
    assert "Cerrar el caso" not in page


def test_htmx_gets_the_part_that_changes(town: Town):
    answer = town.operador.act(town.report(), "recibir", htmx=True)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.text.count('id="gestion"') == 1
    assert 'hx-swap-oob="true"' in answer.text
    assert "Quedó recibido" in answer.text


@pytest.mark.parametrize(
    ("act", "fields", "kept"),
    [
        ("verificar", {"como": "por_camara", "detalle": "Lo que escribí"}, "Lo que escribí"),
        ("verificar", {"resultado": "verified", "detalle": "Sin elegir"}, "Sin elegir"),
        ("asignar", {"sector": "999999"}, ""),
        ("asignar", {"sector": "uno"}, ""),
        ("responder", {"texto": "   "}, ""),
        ("responder", {"texto": "a" * 1001}, "a" * 1001),
        ("responder", {"texto": "con\x00nulo"}, ""),
        ("cerrar", {"desenlace": "derivado_fiscalia", "detalle": ""}, "checked"),
        ("cerrar", {"desenlace": "inventado"}, ""),
        ("rechazar", {"motivo": "aviso_falso", "detalle": " "}, "checked"),
        ("rechazar", {"motivo": "no_se_entiende", "detalle": "b" * 501}, "b" * 501),
    ],
)
def test_what_was_typed_stays_when_something_is_wrong(town: Town, act: str, fields, kept: str):
    report_id = town.report()
    town.operador.act(report_id, "recibir")
    answer = town.operador.act(report_id, act, **fields)
    assert answer.status_code == 422
    assert "No se guardó" in answer.text
    assert "error-campo" in answer.text
    assert kept in answer.text
    assert town.fresh(report_id).state == "acknowledged"


def test_who_was_slower_is_told_kindly_and_sees_how_it_is(town: Town):
    report_id = town.report()
    town.officer("comisario", town.callao.west).act(report_id, "recibir")

    for is_htmx in (False, True):
        answer = town.operador.act(report_id, "recibir", htmx=is_htmx)
        assert answer.status_code == 409
        assert "Otra persona se adelantó" in answer.text
        assert "Recibido por la comisaría" in answer.text
    acknowledged = select(func.count()).where(HistoryEntry.event == "acknowledged")
    assert db.session.scalar(acknowledged) == 1


def test_a_transfer_asks_for_a_unit_and_a_reason(town: Town):
    report_id, east = town.report(), town.callao.east
    for number in range(25):
        a_unit(f"LEJOS-{number}", UnitKind.COMISARIA, name=f"Comisaría Ñañá {number:02}")
    url = f"/panel/casos/{report_id}/trasladar"

    assert "Comisaría EAST" in town.operador.get(url).text
    found = town.operador.get(f"{url}?buscar=nana+1").text
    assert "Comisaría Ñañá 10" in found
    assert "Comisaría EAST" not in found
    assert "unidades más" in town.operador.get(f"{url}?buscar=comisaria").text
    assert "Ninguna unidad" in town.operador.get(f"{url}?buscar=zzz").text

    wrong = town.operador.post(url, unidad=east.id, motivo="llego_por_error", detalle="")
    assert wrong.status_code == 422
    assert "Cuente en pocas palabras" in wrong.text

    moved = town.operador.post(url, unidad=east.id, motivo="llego_por_error", detalle="Es de Este")
    assert moved.location == "/panel/mesa"
    assert "fue trasladado" in town.operador.get("/panel/mesa").text
    assert town.fresh(report_id).unit_id == east.id


def test_a_sensitive_case_never_goes_to_a_neighbourhood_desk(town: Town):
    place = {"origen": "referencia", "distrito": "070101", "referencia": "Mercado"}
    report_id = town.report("extorsion", lugar=place)
    desk = town.officer("operador", town.callao.extortion_desk)
    url = f"/panel/casos/{report_id}/trasladar"
    assert "Comisaría EAST" not in desk.get(f"{url}?buscar=comisaria").text
    answer = desk.post(url, unidad=town.callao.east.id, motivo="otra_jurisdiccion")
    assert answer.status_code == 422


def test_the_author_wrote_last_and_the_desk_says_so(town: Town):
    report_id = town.report()
    with transaction():
        db.session.add(
            Message(report_id=report_id, at=clock.now(), author="ciudadano", text="Se van por allí")
        )
    assert "Espera respuesta" in town.operador.get("/panel/mesa").text
    town.operador.act(report_id, "responder", texto="Gracias, vamos.")
    assert "Espera respuesta" not in town.operador.get("/panel/mesa").text


def test_an_act_that_the_state_does_not_allow_is_not_offered(town: Town):
    report_id = town.report()
    page = town.operador.case(report_id).text
    for act in ("verificar", "asignar", "cerrar", "atender", "dejar-pasar"):
        assert f"/panel/casos/{report_id}/{act}" not in page
    town.operador.act(report_id, "rechazar", motivo="no_es_un_aviso")
    page = town.operador.case(report_id).text
    assert "Qué hacer" not in page
    assert "Rechazado" in page


# --- Who may --------------------------------------------------------------------------------------

ACTS = {
    "recibir": {},
    "atender": {},
    "verificar": {"resultado": "verified", "como": "por_camara"},
    "asignar": {"sector": "1"},
    "responder": {"texto": "Hola"},
    "trasladar": {"unidad": "1", "motivo": "otra_jurisdiccion"},
    "cerrar": {"desenlace": "sin_novedad"},
    "rechazar": {"motivo": "no_es_un_aviso"},
    "dejar-pasar": {},
}
ALLOWED = {
    "operador": set(ACTS),
    "comisario": set(ACTS),
    "jefe_sector": {"recibir", "atender", "verificar", "responder"},
    "supervisor": {"recibir", "responder", "trasladar", "dejar-pasar"},
    "analista": set(),
    "secretaria_tecnica": set(),
    "administrador": set(),
    "auditor": set(),
}


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_may_do_its_own_acts(town: Town, role: str):
    officer = town.officer(role, town.callao.west, "alguien")
    nobody = UUID(int=1)
    for act, fields in ACTS.items():
        status = officer.act(nobody, act, **fields).status_code
        assert status == (404 if act in ALLOWED[role] else 403), (role, act, status)


@pytest.fixture
def strangers(town: Town) -> list:
    """Everybody who must not get anything of a western case."""
    c = town.callao
    leaver = town.officer("operador", c.west, "ex")
    with transaction():
        db.session.execute(text("UPDATE staff SET active = false WHERE username = 'ex'"))
    return [
        town.officer("operador", c.east),
        town.officer("comisario", c.east),
        town.officer("jefe_sector", c.sector),
        town.officer("operador", c.extortion_desk),
        town.officer("operador", None, "sin-unidad"),
        *(town.officer(role, c.west) for role in ALLOWED if not ALLOWED[role]),
        leaver,
    ]


def test_nobody_else_gets_anything_not_even_that_it_exists(
    town: Town, photo_case: UUID, strangers: list
):
    photo = photo_of(photo_case)
    numero = town.numero(photo_case)
    reads = ["", "/novedades", "/mapa.json", f"/fotos/{photo}/grande", "/trasladar"]
    for path in reads:
        assert town.operador.get(f"/panel/casos/{photo_case}{path}").status_code == 200
    before = town.fresh(photo_case).updated_at
    for stranger in strangers:
        for path in reads:
            theirs = stranger.get(f"/panel/casos/{photo_case}{path}")
            unknown = stranger.get(f"/panel/casos/{UUID(int=7)}{path}")
            assert theirs.status_code in (303, 403, 404), (stranger.staff_id, path)
            assert theirs.status_code == unknown.status_code
            assert numero not in theirs.text
    for stranger in strangers[:-1]:  # the leaver has no session to send a form with
        for act, fields in ACTS.items():
            assert stranger.act(photo_case, act, **fields).status_code in (403, 404)
        original = {"motivo_original": "fiscalia", "detalle_original": "Palabras de sobra"}
        url = f"/panel/casos/{photo_case}/fotos/{photo}/original"
        assert stranger.post(url, **original).status_code in (403, 404)
    assert town.fresh(photo_case).updated_at == before


def test_a_photo_of_another_case_is_not_given_under_ones_own(town: Town, photo_case: UUID):
    own = town.report("pelea_agresion", descripcion="Se pelean en la esquina")
    photo = photo_of(photo_case)
    assert town.operador.get(f"/panel/casos/{own}/fotos/{photo}/grande").status_code == 404


def test_a_former_owner_reads_and_does_nothing_any_more(town: Town, photo_case: UUID):
    now = clock.now() + timedelta(seconds=1)
    reason = {"reason": "otra_jurisdiccion", "words": ""}
    staff = town.operador.staff
    triage.transfer(town.parts, staff, photo_case, unit_id=town.callao.east.id, **reason, now=now)
    for path in ("", "/mapa.json", f"/fotos/{photo_of(photo_case)}/grande"):
        assert town.operador.get(f"/panel/casos/{photo_case}{path}").status_code == 404
    for act, fields in ACTS.items():
        assert town.operador.act(photo_case, act, **fields).status_code == 404


def test_a_form_without_its_token_does_nothing(town: Town):
    report_id = town.report()
    answer = town.operador.client.post(f"/panel/casos/{report_id}/recibir")
    assert answer.status_code == 400
    assert town.fresh(report_id).state == "forwarded"


def test_a_long_case_costs_no_more_statements_than_a_short_one(town: Town):
    from tests.panel.test_desk import StatementCount

    report_id = town.report()
    town.operador.act(report_id, "recibir")
    town.operador.act(report_id, "responder", texto="Uno")

    def statements() -> int:
        with StatementCount() as count:
            town.operador.case(report_id)
        return len(count.statements)

    short = statements()
    for number in range(5):
        town.operador.act(report_id, "responder", texto=f"Mensaje {number}")
        town.operador.act(report_id, "asignar", sector=town.callao.sector.id)
    assert statements() == short
