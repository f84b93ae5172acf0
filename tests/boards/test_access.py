"""The coordinator's access: given in person, opened by a PIN, ended the same minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
from freezegun import freeze_time
from sqlalchemy import select, text, update

from backend import clock
from backend.boards import access, pins
from backend.boards.access import access_of, coordinator_in_force, revoke
from backend.boards.members import change_member, end_member
from backend.boards.models import Coordinator as Row
from backend.boards.models import JuntaEvent, JuntaMember, JuntaVecinal
from backend.boards.rows import AccessState
from backend.boards.services import dissolve, renew
from backend.boards.standing import AccessEnded
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from backend.identity.models import Staff
from backend.territory.models import PoliceUnit
from backend.territory.queries import today
from mobile_api.limits import limiter
from tests.api.problems import assert_problem
from tests.builders import Callao, a_member_of_staff
from tests.coordinating import PIN, Coordinator, a_coordinator
from tests.juntas import a_junta, a_member, an_office_account

OTHER_PIN = "738154"
NOON = time(12)


@pytest.fixture(autouse=True)
def without_limits(monkeypatch):
    """These stories type more PINs in a second than one phone may."""
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def coordinator(app, callao) -> Coordinator:
    """Somebody who has no access yet."""
    return a_coordinator(app, callao.west, is_in=False)


def the_row(coordinator: Coordinator) -> Row:
    db.session.rollback()
    query = select(Row).where(Row.member_id == coordinator.member_id, Row.revoked_at.is_(None))
    return db.session.scalars(query).one()


# Enrolment


def test_a_code_binds_a_phone_and_the_pin_opens_it(coordinator):
    assert coordinator.enrol().status_code == 201
    opened = coordinator.open(PIN)
    assert opened.status_code == 200, opened.text
    assert opened.json["junta"] == {"nombre": "Junta JV-001"}
    assert opened.json["comisaria"]["nombre"] == "Comisaría WEST"
    assert opened.json["centro"] == pytest.approx({"lat": -12.06, "lon": -77.13})
    assert opened.json["distrito"] == "070101"
    for path in ("informes", "resumen", "confirmados"):
        assert coordinator.get(path).status_code == 200


def test_the_code_serves_once(coordinator):
    code = coordinator.code()
    assert coordinator.enrol(code).status_code == 201
    assert_problem(coordinator.enrol(code), 422, "codigo")


def test_the_code_serves_for_a_quarter_of_an_hour(coordinator):
    now = clock.now()
    code = coordinator.code(now)
    with freeze_time(now + timedelta(minutes=15)):
        assert_problem(coordinator.enrol(code), 422, "codigo")
    with freeze_time(now + timedelta(minutes=14, seconds=59)):
        assert coordinator.enrol(code).status_code == 201


def test_the_code_may_be_typed_as_people_type(coordinator):
    code = coordinator.code().lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert coordinator.enrol(code).status_code == 201


def test_a_wrong_pin_does_not_use_up_the_code(coordinator):
    code = coordinator.code()
    for pin in ("111111", "123456", "654321", "121212", "123123", "112233", "12345", "12345a", ""):
        assert_problem(coordinator.enrol(code, pin), 422, "pin")
    assert coordinator.enrol(code).status_code == 201


def test_nothing_that_opens_is_stored(coordinator, owner_engine):
    code = coordinator.code()
    before = the_row(coordinator)
    assert code.replace("-", "").encode() not in (before.enrol_hash or b"")
    coordinator.enrol(code)
    row = the_row(coordinator)
    assert row.enrol_hash is None
    assert coordinator.secret.encode() not in (row.secret_hash or b"")
    assert row.pin_hash is not None and row.pin_hash.startswith("$argon2id$")
    # The PIN alone, without the phone's secret, is nothing to try.
    assert not pins.pin_fits(row.pin_hash, "", PIN)
    assert pins.pin_fits(row.pin_hash, coordinator.secret, PIN)


def test_typing_the_pin_leaves_no_mark_on_the_row(coordinator):
    """Locked, a row keeps which transaction did it: beside a report's, that is when and so who."""
    coordinator.enrol()
    query = text("SELECT xmin::text, xmax::text FROM coordinator")
    before = db.session.execute(query).one()
    assert coordinator.open().status_code == 200
    db.session.rollback()
    assert db.session.execute(query).one() == before


def test_of_many_pins_at_once_five_are_tried(coordinator):
    coordinator.enrol()
    parts = coordinator.parts
    keys, catalog, app = parts.settings.keys, parts.catalog, coordinator.phone.application

    def guess(_: int) -> None:
        with app.app_context(), pytest.raises(Unauthenticated):
            access.open_session(keys, catalog, coordinator.secret, OTHER_PIN, clock.now())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(8)))
    row = the_row(coordinator)
    assert (row.wrong_pins, row.locked_at is not None) == (access.WRONG_PINS, True)


def test_the_access_ends_with_the_first_of_term_time_and_half_a_year(app, callao):
    def days(code: str, unit: PoliceUnit, until: int, member_until: int | None) -> int:
        day = today()
        found = a_coordinator(app, unit, code=code, is_in=False, until=day + timedelta(days=until))
        if member_until is not None:
            mine = update(JuntaMember).where(JuntaMember.id == found.member_id)
            with transaction():
                db.session.execute(mine.values(until=day + timedelta(days=member_until)))
        answer = found.enrol()
        return (date.fromisoformat(answer.json["vigente_hasta"]) - day).days

    assert days("JV-1", callao.west, 500, None) == 180
    assert days("JV-2", callao.west, 90, None) == 90
    assert days("JV-3", callao.east, 500, 30) == 30


@pytest.mark.parametrize(("gap", "lasts"), [(0, 180), (1, 3)])
def test_who_comes_before_the_term_ends_gets_an_access_into_the_renewed_one(
    app, callao, gap, lasts
):
    """The phone says "acércate antes": that must not mean to come again after midnight."""
    last = today() + timedelta(days=3)
    coordinator = a_coordinator(app, callao.west, is_in=False, until=last)
    renew(
        coordinator.office,
        coordinator.junta_id,
        act="Acta 2",
        recognised_on=today(),
        valid_from=last + timedelta(days=1 + gap),
        valid_until=None,
        now=clock.now(),
    )
    until = date.fromisoformat(coordinator.enrol().json["vigente_hasta"])
    assert (until - today()).days == lasts
    with freeze_time(datetime.combine(last + timedelta(days=1), NOON, clock.LIMA)):
        assert coordinator.open().status_code == (403 if gap else 200)


def test_the_phone_is_told_of_a_time_that_was_cut_short(coordinator):
    coordinator.enrol()
    last = today() + timedelta(days=4)
    parts = coordinator.parts
    change_member(
        parts.settings.keys,
        parts.catalog,
        coordinator.office,
        coordinator.member_id,
        identity=None,
        post="coordinador",
        sex="mujer",
        since=today() - timedelta(days=180),
        until=last,
        designated_by="comisario",
        now=clock.now(),
    )
    opened = coordinator.open().json
    assert opened["vigente_hasta"] == last.isoformat()
    assert f"vence el {last:%d/%m/%Y}" in opened["aviso"]


def test_only_the_office_offers_an_access_and_only_to_its_coordinators(app, callao, coordinator):
    parts = coordinator.parts
    keys, catalog, now = parts.settings.keys, parts.catalog, clock.now()

    def offer(staff: Staff, member_id):
        return access.start_enrolment(keys, catalog, staff, member_id, now)

    comisario = a_member_of_staff("comisario.west", "comisario", callao.west)
    with pytest.raises(Forbidden):
        offer(comisario, coordinator.member_id)
    elsewhere = an_office_account(callao.east, "juntas.east")
    with pytest.raises(NotFound):
        offer(elsewhere, coordinator.member_id)
    office = coordinator.office
    junta = db.session.get_one(JuntaVecinal, coordinator.junta_id)
    neighbour = a_member(junta, "integrante").id
    with pytest.raises(Conflict):
        offer(office, neighbour)
    lapsed = a_junta(callao.west, "JV-OLD", until=today() - timedelta(days=1))
    with pytest.raises(Conflict):
        offer(office, a_member(lapsed, "coordinador").id)


# The PIN


def test_a_wrong_pin_and_an_unknown_phone_are_told_the_same(coordinator):
    coordinator.enrol()
    wrong = coordinator.open(OTHER_PIN)
    unknown = coordinator.open(PIN, secret="x" * 43)
    both = coordinator.open(OTHER_PIN, secret="y" * 43)
    assert_problem(wrong, 401)
    assert wrong.data == unknown.data == both.data
    assert dict(wrong.headers) == dict(unknown.headers) == dict(both.headers)


def test_five_wrong_pins_lock_it_and_the_right_one_helps_no_more(coordinator):
    coordinator.enrol()
    for _ in range(5):
        said = coordinator.open(OTHER_PIN).data
    assert coordinator.open(PIN).data == said
    assert the_row(coordinator).locked_at is not None
    assert coordinator.enrol().status_code == 201
    assert coordinator.open().status_code == 200


def test_the_right_pin_forgives_earlier_errors(coordinator):
    coordinator.enrol()
    for _ in range(3):
        for _ in range(4):
            assert coordinator.open(OTHER_PIN).status_code == 401
        assert coordinator.open(PIN).status_code == 200
    assert the_row(coordinator).wrong_pins == 0


def test_a_lock_closes_open_sessions_and_says_so(coordinator):
    coordinator.enrol()
    coordinator.open()
    for _ in range(5):
        coordinator.open(OTHER_PIN)
    refused = coordinator.get("informes")
    assert_problem(refused, 403)
    assert "se bloqueó" in refused.json["detail"]


def test_as_much_work_for_an_unknown_phone(coordinator, monkeypatch):
    coordinator.enrol()
    tried: list[str | None] = []
    really = pins.pin_fits

    def watched(expected: str | None, secret: str, pin: str) -> bool:
        tried.append(expected)
        return really(expected, secret, pin)

    monkeypatch.setattr(pins, "pin_fits", watched)
    coordinator.open(OTHER_PIN)
    coordinator.open(PIN, secret="x" * 43)
    assert len(tried) == 2 and tried[1] is None
    # Of nobody's, the hash is as slow as anybody's.
    nobody = pins._of_nobody().rpartition("$")[0].rpartition("$")[0]
    assert (tried[0] or "").startswith(nobody)


# Its end


def test_a_session_lasts_half_an_hour(coordinator):
    coordinator.enrol()
    coordinator.open()
    with freeze_time(clock.now() + timedelta(minutes=29)):
        assert coordinator.get("informes").status_code == 200
    with freeze_time(clock.now() + timedelta(minutes=31)):
        assert_problem(coordinator.get("informes"), 401)


def test_a_removed_coordinator_is_refused_at_the_next_call_and_told_why(coordinator):
    coordinator.enrol()
    coordinator.open()
    assert coordinator.get("informes").status_code == 200
    catalog = coordinator.parts.catalog
    end_member(
        catalog,
        coordinator.office,
        coordinator.member_id,
        reason="renuncia",
        on=today(),
        now=clock.now(),
    )
    refused = coordinator.get("informes")
    assert_problem(refused, 403)
    assert refused.json["title"] == "Tu acceso terminó"
    assert f"Desde el {today():%d/%m/%Y} ya no figuras en la junta" in refused.json["detail"]
    assert "Comisaría WEST" in refused.json["detail"]
    assert coordinator.tell().status_code == 403
    assert coordinator.open().json == refused.json
    assert_problem(coordinator.open(OTHER_PIN), 401)  # who has only the phone is told nothing


def test_who_changed_the_post_coordinates_no_more(coordinator):
    coordinator.enrol()
    coordinator.open()
    with transaction():
        mine = update(JuntaMember).where(JuntaMember.id == coordinator.member_id)
        db.session.execute(mine.values(post="vocal"))
    assert "Ya no coordinas" in coordinator.get("informes").json["detail"]


def test_a_dissolved_junta_has_no_coordinator(coordinator):
    coordinator.enrol()
    coordinator.open()
    catalog = coordinator.parts.catalog
    dissolve(
        catalog,
        coordinator.office,
        coordinator.junta_id,
        reason="sin_actividad",
        on=today(),
        now=clock.now(),
    )
    assert "se disolvió el" in coordinator.get("informes").json["detail"]


def test_the_term_ends_with_its_last_minute_in_lima(app, callao):
    last = today() + timedelta(days=20)
    coordinator = a_coordinator(app, callao.west, is_in=False, until=last)
    coordinator.enrol()
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), clock.LIMA)
    with freeze_time(midnight.astimezone(UTC) - timedelta(minutes=1)) as moment:
        opened = coordinator.open()
        assert opened.status_code == 200
        assert f"vence el {last:%d/%m/%Y}" in opened.json["aviso"]
        moment.tick(timedelta(seconds=59))
        assert coordinator.get("informes").status_code == 200
        moment.tick(timedelta(seconds=1))
        refused = coordinator.get("informes")
        assert_problem(refused, 403)
        assert f"terminó el {last:%d/%m/%Y}" in refused.json["detail"]


def test_an_access_is_renewed_in_person_within_half_a_year(coordinator):
    coordinator.enrol()
    with freeze_time(clock.now() + timedelta(days=181)):
        refused = coordinator.open()
        assert_problem(refused, 403)
        assert "se renueva en persona" in refused.json["detail"]


def test_a_new_access_ends_the_one_before(coordinator):
    coordinator.enrol()
    coordinator.open()
    old = coordinator.secret
    assert coordinator.enrol(pin=OTHER_PIN).status_code == 201
    assert "te dieron un acceso nuevo" in coordinator.get("informes").json["detail"]
    assert coordinator.open(PIN, secret=old).status_code == 403
    assert coordinator.open(OTHER_PIN).status_code == 200


def test_the_comisario_takes_an_access_away_at_once(callao, coordinator):
    coordinator.enrol()
    coordinator.open()
    catalog, row = coordinator.parts.catalog, the_row(coordinator)
    comisario = a_member_of_staff("comisario.west", "comisario", callao.west)
    stranger = a_member_of_staff("comisario.east", "comisario", callao.east)
    row_id = row.id
    with pytest.raises(NotFound):
        revoke(catalog, stranger, row_id, reason="telefono_perdido", now=clock.now())
    with pytest.raises(InvalidInput):
        revoke(catalog, comisario, row_id, reason="renovado", now=clock.now())
    revoke(catalog, comisario, row_id, reason="telefono_perdido", now=clock.now())
    assert "retiró este acceso" in coordinator.get("informes").json["detail"]
    with pytest.raises(Conflict):
        revoke(catalog, comisario, row_id, reason="telefono_perdido", now=clock.now())


def test_a_code_that_was_offered_ends_with_the_member(coordinator):
    code = coordinator.code()
    office = coordinator.office
    member = coordinator.member_id
    catalog = coordinator.parts.catalog
    end_member(catalog, office, member, reason="renuncia", on=today(), now=clock.now())
    assert_problem(coordinator.enrol(code), 422, "codigo")


# What the comisaría sees


def test_the_comisaria_sees_every_access_that_was(coordinator):
    def states() -> list[str]:
        db.session.rollback()
        return [row.state for row in access_of(coordinator.junta_id, clock.now())]

    assert states() == []
    code = coordinator.code()
    assert states() == [AccessState.ENROLLING]
    with freeze_time(clock.now() + timedelta(minutes=16)):
        assert states() == [AccessState.NONE]
    coordinator.enrol(code)
    assert states() == [AccessState.ACTIVE]
    for _ in range(5):
        coordinator.open(OTHER_PIN)
    assert states() == [AccessState.LOCKED]
    coordinator.enrol()
    assert states() == [AccessState.ACTIVE, AccessState.NONE]
    with freeze_time(clock.now() + timedelta(days=181)):
        assert states() == [AccessState.EXPIRED, AccessState.NONE]
    query = select(JuntaEvent.event).where(JuntaEvent.event.startswith("access"))
    assert list(db.session.scalars(query.order_by(JuntaEvent.id))) == [
        "access_offered",
        "access_enrolled",
        "access_locked",
        "access_revoked",
        "access_offered",
        "access_enrolled",
    ]


def test_a_rotated_key_leaves_accesses_as_they_are_and_a_forgotten_one_ends_them(coordinator):
    coordinator.enrol()
    keys, catalog, now = coordinator.parts.settings.keys, coordinator.parts.catalog, clock.now()
    rotated = keys.rotated("junta")
    opened = access.open_session(rotated, catalog, coordinator.secret, PIN, now)
    assert coordinator_in_force(rotated, catalog, opened.token, now).junta_id
    forgotten = rotated.without("junta", 1)
    with pytest.raises(Unauthenticated):
        access.open_session(forgotten, catalog, coordinator.secret, PIN, now)


def test_an_error_that_ends_an_access_is_a_refusal():
    assert issubclass(AccessEnded, Forbidden)
