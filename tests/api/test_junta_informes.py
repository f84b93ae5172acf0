"""`POST /junta/informes`: the same journey as an alerta, marked; of what is sensible, no trace."""

import io
import json
import re
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backend.db import Base, db, transaction
from backend.informes.models import Informe, InformeKind, Source
from backend.reports.models import Report
from backend.territory.models import District, PoliceUnit, UnitKind
from backend.territory.queries import today
from tests.api.problems import assert_problem
from tests.builders import a_comisaria, a_unit, count, datos, send, send_form
from tests.coordinating import SENSIBLE_PLACE, Coordinator, a_coordinator
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo

PHOTO = photo(size=(64, 48))


@pytest.fixture
def coordinator(app, callao) -> Coordinator:
    return a_coordinator(app, callao.west)


def the_informe() -> Informe:
    db.session.rollback()
    return db.session.scalars(select(Informe)).one()


def the_report() -> Report:
    db.session.rollback()
    return db.session.scalars(select(Report)).one()


def test_an_informe_is_a_report_of_the_place_with_a_mark(coordinator, callao, parts):
    told = coordinator.tell("robo", "propia")
    assert told.status_code == 201
    assert told.json["se_sigue_por_junta"] is True
    assert told.json["comisaria"]["nombre"] == "Comisaría WEST"
    report, informe = the_report(), the_informe()
    assert report.from_junta and report.unit_id == callao.west.id
    assert (informe.report_id, informe.junta_id) == (report.id, coordinator.junta_id)
    assert (informe.kind, informe.source, informe.told_on) == ("delito", "propia", today())
    do_all_work(parts)
    db.session.expire_all()
    assert the_report().state == "forwarded"


IN_WORDS = {"origen": "referencia", "distrito": "070101", "referencia": "Por el mercado"}


def a_junta_beside(app, callao) -> Coordinator:
    """Of a comisaría that is not the first of its district, under a DIVPOL of its own."""
    with transaction():
        names = {"name": "Callao", "province": "Callao", "department": "Callao"}
        db.session.add(District(ubigeo="070101", source="prueba", **names))
    divpol = a_unit("DIV-2", UnitKind.DIVPOL, parent=callao.region)
    own = a_comisaria("OWN", parent=divpol, box=(-77.125, -12.07, -77.12, -12.065))
    return a_coordinator(app, own)


def test_a_place_in_words_is_for_the_juntas_own_comisaria(app, callao, parts):
    told = a_junta_beside(app, callao).tell("disparos_armas", lugar=IN_WORDS)
    assert told.json["comisaria"]["nombre"] == "Comisaría OWN"
    assert code_of(the_report().unit_id) == "OWN"


@pytest.mark.parametrize(("categoria", "unit"), [("trata_personas", "DIV"), ("extorsion", "EXT")])
def test_whose_junta_tells_does_not_decide_who_receives_a_sensible_matter(
    app, callao, categoria, unit
):
    told = a_junta_beside(app, callao).tell(categoria, lugar=IN_WORDS)
    assert told.status_code == 201, told.text
    assert code_of(the_report().unit_id) == unit


def code_of(unit_id: int) -> str:
    return db.session.get_one(PoliceUnit, unit_id).code


def test_the_coordinator_follows_it_by_number_like_anybody(coordinator, parts):
    told = coordinator.tell().json
    asked = {"numero": told["numero"], "clave": told["clave"]}
    acceso = coordinator.phone.post("/api/v1/seguimiento", json=asked).json["acceso"]
    case = coordinator.phone.get("/api/v1/caso", headers={"Authorization": f"Bearer {acceso}"})
    assert case.status_code == 200
    assert "junta" not in case.text.lower()


def test_of_a_neighbour_only_the_word_is_kept(coordinator):
    assert coordinator.tell("ruidos_alcohol", "vecino").status_code == 201
    assert the_informe().source is Source.NEIGHBOUR
    assert_problem(coordinator.tell("robo", "mi vecina Rosa"), 422, "procedencia")
    body = datos() | {"procedencia": "vecino", "vecino": "Rosa"}
    headers = coordinator.headers | {"Idempotency-Key": str(uuid4())}
    refused = coordinator.phone.post("/api/v1/junta/informes", json=body, headers=headers)
    assert_problem(refused, 422, "vecino")
    assert_problem(send(coordinator.phone, body, headers=coordinator.headers), 401)


def test_who_saw_it_must_be_said(coordinator, nothing_stored):
    headers = coordinator.headers | {"Idempotency-Key": str(uuid4())}
    with nothing_stored():
        answer = coordinator.phone.post("/api/v1/junta/informes", json=datos(), headers=headers)
    assert_problem(answer, 422, "procedencia")


def test_a_photo_travels_with_it(coordinator, stored):
    key = str(uuid4())

    def tell():
        form = {
            "datos": json.dumps(datos() | {"procedencia": "propia"}),
            "foto": [(io.BytesIO(PHOTO), "f.jpg")],
        }
        headers = coordinator.headers | {"Idempotency-Key": key}
        return send_form(coordinator.phone, form, headers, "/api/v1/junta/informes")

    answer = tell()
    assert answer.status_code == 201, answer.text
    assert count("attachment") == 1
    kept = stored()
    assert tell().json == answer.json
    assert stored() == kept


def test_saying_it_twice_is_saying_it_once_also_with_a_new_pin(coordinator, nothing_stored):
    key = str(uuid4())
    first = coordinator.tell(key=key)
    coordinator.open()
    with nothing_stored():
        assert coordinator.tell(key=key).json == first.json
    coordinator.enrol()
    coordinator.open()
    with nothing_stored():
        assert coordinator.tell(key=key).json == first.json
        assert_problem(coordinator.tell(key=key, procedencia="vecino"), 422)


def test_a_sensible_matter_said_twice_counts_once(coordinator):
    key = str(uuid4())
    first = coordinator.tell("extorsion", key=key, lugar=SENSIBLE_PLACE)
    assert first.status_code == 201, first.text
    assert coordinator.tell("extorsion", key=key, lugar=SENSIBLE_PLACE).json == first.json
    assert count("informe") == 1
    assert coordinator.get("informes").json["reservados"] == 1


def test_of_a_sensible_matter_no_exact_point_is_taken(coordinator, nothing_stored):
    with nothing_stored():
        assert_problem(coordinator.tell("extorsion"), 422, "lugar")


def test_a_sensible_informe_leaves_no_link(coordinator, parts, callao):
    """Whoever has every table cannot go from the report to the junta, nor back."""
    told = coordinator.tell("extorsion", "vecino", lugar=SENSIBLE_PLACE)
    assert told.json["se_sigue_por_junta"] is False
    report, informe = the_report(), the_informe()
    assert report.from_junta is False
    assert informe.report_id is None
    assert (informe.told_on, informe.kind) == (today().replace(day=1), InformeKind.DELITO)
    do_all_work(parts)
    written = rows_that_name(report.id)
    assert {"report", "history_entry", "envio"} <= written
    assert not written & {"informe", "junta_event", "coordinator", "junta_confirmation"}
    for one in (coordinator.junta_id, coordinator.member_id):
        assert not rows_that_name(one) & written
    assert not transactions_of("informe") & transactions_of("report")


def test_many_informes_leave_no_mark_on_a_sensible_one(coordinator):
    for _ in range(6):
        assert coordinator.tell("falta_de_luz").status_code == 201
    assert coordinator.tell("extorsion", lugar=SENSIBLE_PLACE).status_code == 201
    db.session.rollback()
    marked = dict(db.session.execute(select(Report.categoria, Report.flags)).tuples().all())
    assert "phone_flood" not in marked["extorsion"]


def test_nothing_in_redis_goes_from_one_informe_to_another(coordinator, parts):
    """Its log on disk has keys and the work on a report in their order."""
    parts.doorbell._redis.flushdb()
    assert coordinator.tell("falta_de_luz").status_code == 201
    plain = {key for key in parts.doorbell._redis.keys("*") if not key.startswith(b"rq:")}
    parts.doorbell._redis.flushdb()
    assert coordinator.tell("extorsion", lugar=SENSIBLE_PLACE).status_code == 201
    sensible = {key for key in parts.doorbell._redis.keys("*") if not key.startswith(b"rq:")}
    assert sensible and not plain & sensible


def test_in_redis_an_informe_looks_like_the_alert_of_a_new_phone(
    coordinator, client, device, parts
):
    """Work on a report beside which nobody was counted would be a junta's."""

    redis = parts.doorbell._redis
    for name, value in (("log-slower-than", 0), ("max-len", 500)):
        redis.config_set(f"slowlog-{name}", value)

    def shapes() -> list[str]:
        """Every change, in its order, but for what is hashed or counted."""
        said = [one["command"].decode("latin-1") for one in reversed(redis.slowlog_get(200))]
        redis.slowlog_reset()
        written = [one for one in said if one.startswith(("incrby", "expire", "SADD", "EXPIRE"))]
        return [re.sub(r"[0-9a-f]{16,}", "~", one) for one in written]

    shapes()
    here = {"categoria": "extorsion", "lugar": SENSIBLE_PLACE}
    assert send(client, datos(**here), headers=device).status_code == 201
    of_alert = shapes()
    assert any("alertas.create" in one for one in of_alert)
    assert coordinator.tell("extorsion", lugar=SENSIBLE_PLACE).status_code == 201
    assert shapes() == of_alert


def test_rows_of_sensible_matters_are_mixed_every_hour(app, coordinator):
    from workers.schedule import SCHEDULE, run_once

    for _ in range(3):
        assert coordinator.tell("extorsion", lugar=SENSIBLE_PLACE).status_code == 201
    assert coordinator.tell("robo").status_code == 201
    before = {row.id for row in informes()}
    (entry,) = (one for one in SCHEDULE if one.name == "shuffle_reserved")
    run_once(app, entry)
    after = informes()
    assert len(transactions_of("informe", "report_id IS NULL")) == 1
    assert len(after) == 4
    kept = {row.id for row in after} & before
    assert kept == {row.id for row in after if row.report_id is not None}
    assert {row.told_on for row in after if row.report_id is None} == {today().replace(day=1)}


def informes() -> list[Informe]:
    db.session.rollback()
    return list(db.session.scalars(select(Informe)))


def rows_that_name(value: object) -> set[str]:
    """The tables that have this id anywhere in a row."""
    db.session.rollback()
    sealed = ("vault.person", "vault.member")  # the application cannot read them
    names = [one.fullname for one in Base.metadata.sorted_tables if one.fullname not in sealed]
    asked = {"value": f"%{value}%", "bare": f"%{str(value).replace('-', '')}%"}
    return {
        name
        for name in names
        if db.session.scalar(
            text(
                f"SELECT EXISTS (SELECT FROM {name} t "
                "WHERE t::text ILIKE :value OR t::text ILIKE :bare)"
            ),
            asked,
        )
    }


def transactions_of(table: str, condition: str = "true") -> set[str]:
    """Which transactions wrote the rows that a table has now."""
    db.session.rollback()
    query = text(f"SELECT DISTINCT xmin::text FROM {table} WHERE {condition}")
    return set(db.session.scalars(query))


@pytest.mark.parametrize(
    ("categoria", "kind"),
    [
        ("robo", "delito"),
        ("danos_pintas", "delito"),
        ("ruidos_alcohol", "falta"),
        ("falta_de_luz", "factor_de_riesgo"),
        ("accidente_transito", "otro"),
    ],
)
def test_each_category_is_counted_as_its_kind(coordinator, categoria, kind):
    assert coordinator.tell(categoria).status_code == 201
    assert the_informe().kind == kind


def test_a_coordinator_may_send_a_dozen_in_ten_minutes(coordinator):
    answers = [coordinator.tell("falta_de_luz").status_code for _ in range(13)]
    assert answers == [201] * 12 + [429]


def test_a_phone_may_try_ten_pins_in_ten_minutes(coordinator):
    answers = [coordinator.open("738154", secret="x" * 43).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert coordinator.open().status_code == 200
