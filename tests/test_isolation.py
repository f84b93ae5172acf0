"""Each route answers its owner, and tells nobody else so much as that something exists.

The tables are in `tests/isolation/examples.py`: a route that is missing there fails here.
"""

import re
from typing import Any
from uuid import uuid4

import pytest
from freezegun import freeze_time
from sqlalchemy import update

from backend import clock
from backend.db import db, transaction
from backend.identity import services as identity
from backend.reports.models import Report
from mobile_api.access import ROUTES as PUBLIC_TABLE
from mobile_api.access import Needs
from mobile_api.limits import limiter
from tests.builders import datos, send
from tests.isolation.examples import (
    ALL,
    EVERY_ROLE,
    HALF_SIGNED_IN,
    NOBODYS,
    OF_AUTHOR,
    OF_CASE,
    OF_OWN_CASES,
    OF_ROLE,
    PUBLIC,
)
from tests.isolation.world import KINDS, SECRETS, SENSIBLE, Browser, Case, World, same_for_all
from tests.journey.doing import do_all_work
from tests.phones import a_phone


@pytest.fixture
def world(app, monkeypatch) -> World:
    monkeypatch.setattr(limiter, "enabled", False)
    return World(app)


def test_every_route_has_an_example_and_every_example_a_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == ALL


def was_answered(answer) -> bool:
    """2xx, or on to another page that is not the sign-in."""
    if answer.status_code == 303:
        return "/panel/entrar" not in answer.location
    return 200 <= answer.status_code < 300


def assert_refused(answer, who: str) -> None:
    if answer.status_code == 303:
        assert "/panel/entrar" in answer.location, f"{who}: {answer.location}"
    else:
        assert answer.status_code in (401, 403, 404), f"{who}: {answer.status_code}"
    assert_no_secret(answer, who)


def assert_no_secret(answer, who: str) -> None:
    for secret in SECRETS:
        assert secret.encode() not in answer.data, f"{who} read {secret}"


# Cases in the panel

TRIALS = [
    pytest.param(endpoint, kind, id=f"{endpoint} {kind}")
    for endpoint, example in OF_CASE.items()
    for kind in example.kinds
]


@pytest.mark.parametrize(("endpoint", "kind"), TRIALS)
def test_a_case_is_its_owners(world: World, endpoint: str, kind: str):
    example = OF_CASE[endpoint]
    own = world.case(kind, example.stage, with_photo=example.has_photo)
    answer = world.owner(example.role, kind).ask(
        example.method, example.address(own), example.form(world, own)
    )
    assert was_answered(answer), f"{answer.status_code} {answer.text[:300]}"

    twin = world.case(kind, example.stage, with_photo=example.has_photo)
    nothing = world.no_case(kind)
    everybody = {**world.absent(), **world.others(kind)}
    rows, picture = world.rows(), world.picture_of(twin)
    for who, browser in everybody.items():
        told = []
        for case in (twin, nothing):
            answer = browser.ask(example.method, example.address(case), example.form(world, case))
            assert_refused(answer, who)
            page = case.hidden_in(same_for_all(answer.text))
            told.append((answer.status_code, case.hidden_in(answer.location or ""), page))
        assert told[0] == told[1], f"{who} can tell that it exists"
    assert world.rows() == rows
    assert world.picture_of(twin) == picture


@pytest.mark.parametrize(
    "endpoint", [name for name, one in OF_CASE.items() if one.method == "POST"]
)
def test_no_other_site_can_act_for_the_owner(world: World, endpoint: str):
    example = OF_CASE[endpoint]
    case = world.case(stage=example.stage)
    owner = world.owner(example.role)
    rows = world.rows()
    answer = owner.phone.post(example.address(case), data=example.form(world, case))
    assert answer.status_code == 400
    assert world.rows() == rows


# Lists and counts

LISTS = [
    pytest.param(endpoint, role, id=f"{endpoint} {role}")
    for endpoint, example in OF_OWN_CASES.items()
    for role in example.roles
]


@pytest.fixture
def one_moment(monkeypatch) -> None:
    """Pages made at the same time, so that two of them differ only by what they tell."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.mark.parametrize(("endpoint", "role"), LISTS)
def test_lists_and_counts_are_of_the_own_cases(world: World, one_moment, endpoint: str, role: str):
    example = OF_OWN_CASES[endpoint]
    callao = world.callao
    places = {"far away": world.far, "another desk": world.second_desk, "nowhere": None}
    if role == "jefe_sector":
        places["the sector"] = callao.sector
    onlookers = {place: world.browser(role, unit) for place, unit in places.items()}
    neighbour, below = world.browser(role, callao.east), world.browser(role, callao.west)
    unknown = world.no_case()

    def look(browser: Browser, case: Case) -> tuple[int, str]:
        answer = browser.ask(example.method, example.path, example.form(world, case))
        assert_no_secret(answer, role)
        return answer.status_code, case.hidden_in(same_for_all(answer.text))

    before = {place: look(browser, unknown) for place, browser in onlookers.items()}
    sensible_before = look(below, unknown)
    sensible = [world.case(SENSIBLE, stage) for stage in ("on_desk", "in every list")]
    assert look(below, sensible[0]) == sensible_before, "the place's comisaría can count them"

    made = [world.case(kind, stage) for kind in KINDS for stage in ("on_desk", "in every list")]
    after = {place: look(browser, made[0]) for place, browser in onlookers.items()}
    assert after == before
    for case in made:
        status, page = look(neighbour, case)
        assert str(case.report_id) not in page
        assert status in (200, 204, 303, 404)

    owner_answer = below.ask(example.method, example.path, example.form(world, made[0]))
    assert was_answered(owner_answer)


@pytest.mark.parametrize("endpoint", OF_OWN_CASES)
def test_lists_are_for_their_roles(world: World, endpoint: str):
    example = OF_OWN_CASES[endpoint]
    case = world.case()
    refuse_everybody_but(
        world, example.roles, example.method, example.path, example.form(world, case)
    )


# Pages of a role


@pytest.mark.parametrize("endpoint", OF_ROLE)
def test_a_page_is_for_its_roles(world: World, endpoint: str):
    example = OF_ROLE[endpoint]
    case = world.case()
    method, path, form = example.method, example.path(world), example.form(world, case)
    refuse_everybody_but(world, example.roles, method, path, form)
    for role in example.roles:
        answer = world.browser(role, world.callao.west).ask(method, path, form)
        if endpoint == "security.logout":
            assert answer.status_code in (302, 303)
        else:
            assert was_answered(answer) or answer.status_code == 302, (role, answer.status_code)
        assert_no_secret(answer, role)


def refuse_everybody_but(
    world: World, roles: tuple[str, ...], method: str, path: str, form: dict[str, Any]
) -> None:
    outsiders = world.absent()
    for role in set(EVERY_ROLE) - set(roles):
        outsiders[role] = world.browser(role, world.callao.west)
    rows = world.rows()
    for who, browser in outsiders.items():
        assert_refused(browser.ask(method, path, form), who)
    assert world.rows() == rows


@pytest.mark.parametrize("endpoint", NOBODYS)
def test_some_pages_are_nobodys(world: World, endpoint: str):
    for role in EVERY_ROLE:
        for method in ("GET", "POST"):
            answer = world.browser(role, world.callao.west).ask(method, NOBODYS[endpoint])
            assert answer.status_code == 403
    assert_refused(Browser(world.app).ask("GET", NOBODYS[endpoint]), "a stranger")


def test_the_second_factor_is_for_whoever_gave_the_password(world: World):
    for endpoint, address in HALF_SIGNED_IN.items():
        answer = Browser(world.app).ask("GET", address)
        assert answer.status_code in (302, 303), endpoint
        assert "/panel/entrar" in answer.location
    one_time = identity.create_staff(
        "nueva", "Nueva", roles=["operador"], unit_id=world.far.id, by=None, now=clock.now()
    )
    browser = Browser(world.app)
    form = {"username": "nueva", "password": one_time}
    answer = browser.ask("POST", "/panel/entrar", form)
    assert answer.location == "/panel/segundo-factor"
    assert browser.ask("GET", "/panel/segundo-factor").status_code == 200
    assert_refused(browser.ask("GET", "/panel/mesa"), "somebody half signed in")


def test_half_way_through_the_second_factor(world: World):
    """An enrolled account: after the password, code and recovery code are asked for."""
    from tests.panel.test_sign_in import PASSWORD, change_password, enrol, post

    one_time = identity.create_staff(
        "rosa", "Rosa", roles=["operador"], unit_id=world.far.id, by=None, now=clock.now()
    )
    first, second = a_phone(world.app), a_phone(world.app)
    enrol(first, one_time)
    change_password(first, one_time)
    post(second, "/panel/entrar", username="rosa", password=PASSWORD)
    for endpoint in ("security.two_factor_token_validation", "security.mf_recovery"):
        assert second.get(HALF_SIGNED_IN[endpoint]).status_code == 200, endpoint
    assert_refused(second.get("/panel/mesa"), "somebody half signed in")


def test_there_is_nothing_else_in_the_panel(world: World):
    case = world.case()
    for browser in (*world.absent().values(), world.owner("operador")):
        for path in ("ninguna", f"casos/{case.numero}", "casos", "../panel/x"):
            answer = browser.ask("GET", f"/panel/{path}")
            assert answer.status_code == 404
            assert_no_secret(answer, path)


# The public edge


@pytest.mark.parametrize("endpoint", PUBLIC)
def test_what_anybody_may_ask_tells_nothing_of_a_case(world: World, one_moment, endpoint: str):
    method, path, body = PUBLIC[endpoint]

    def ask() -> tuple[int, bytes]:
        answer = a_phone(world.app).open(path, method=method, json=body)
        varying = re.compile(rb'value="[\w.\-]{30,}"|content="[^"]{30,}"|"token":"[^"]+"')
        return answer.status_code, varying.sub(b"", answer.data)

    before = ask()
    assert 200 <= before[0] < 300
    cases = [world.case(kind) for kind in KINDS]
    assert ask() == before
    for case in cases:
        assert str(case.report_id).encode() not in before[1]


def test_only_these_need_a_credential():
    needs = {name: need for name, need in PUBLIC_TABLE.items() if need is not Needs.NOTHING}
    assert needs == {
        "alertas.create": Needs.DEVICE,
        **dict.fromkeys(OF_AUTHOR, Needs.ACCESO),
    }


@pytest.fixture
def authors(world: World) -> dict[str, Any]:
    """The author's token of a closed case with a photo, and all the wrong ones."""
    case, other = world.case(stage="acknowledged", with_photo=True), world.case(SENSIBLE)
    officer = world.owner("operador")
    form = {"desenlace": "patrulla_intervino", "detalle": ""}
    assert was_answered(officer.ask("POST", f"/panel/casos/{case.report_id}/cerrar", form))
    with freeze_time(clock.now().replace(year=2025)):
        expired = acceso(world, case)
    revoked_case = world.case()
    revoked = acceso(world, revoked_case)
    with transaction():
        mine = update(Report).where(Report.id == revoked_case.report_id)
        db.session.execute(mine.values(clave_version=2))
    return {
        "case": case,
        "own": acceso(world, case),
        "wrong": {
            "nothing": "",
            "forged": "abc.def.ghi",
            "expired": expired,
            "revoked": revoked,
            "a phone's": world.device["Authorization"].split()[1],
            "another case's": acceso(world, other),
        },
    }


def acceso(world: World, case: Case) -> str:
    asked = {"numero": case.numero, "clave": case.clave}
    return world.phone.post("/api/v1/seguimiento", json=asked).json["acceso"]


@pytest.mark.parametrize("endpoint", OF_AUTHOR)
def test_the_authors_side_is_the_authors(world: World, authors, endpoint: str):
    method, path, body = OF_AUTHOR[endpoint]
    case: Case = authors["case"]
    nothing = world.no_case()

    def ask(token: str, about: Case):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = path.format(photo=about.attachment_id)
        return world.phone.open(address, method=method, json=body, headers=headers)

    for who, token in authors["wrong"].items():
        picture = world.picture_of(case)
        answers = [ask(token, about) for about in (case, nothing)]
        assert str(case.report_id) not in answers[0].text
        assert case.numero not in answers[0].text, who
        if who != "another case's":
            assert [one.status_code for one in answers] == [401, 401], who
            assert_no_secret(answers[0], who)
        elif "{photo}" in path:
            assert [one.status_code for one in answers] == [404, 404]
        if who != "another case's" or "{photo}" in path:
            assert answers[0].data == answers[1].data
        assert world.picture_of(case) == picture, who
    # Staff of the owning unit are no authors, either.
    staff = world.owner("operador").phone.open(
        path.format(photo=case.attachment_id), method=method, json=body
    )
    assert staff.status_code == 401
    assert 200 <= ask(authors["own"], case).status_code < 300


@pytest.mark.parametrize("path", ["/seguimiento", "/api/v1/seguimiento"])
def test_a_number_without_its_clave_opens_no_case(world: World, path: str):
    case, sensible, nothing = world.case(), world.case(SENSIBLE), world.no_case()

    def ask(numero: str, clave: str | None):
        asked = {"numero": numero} | ({"clave": clave} if clave else {})
        if path.startswith("/api"):
            return world.phone.post(path, json=asked)
        return world.phone.post(path, data=asked)

    assert ask(case.numero, case.clave).status_code == 200
    public = ask(case.numero, None)
    assert public.status_code == 200
    assert_no_secret(public, "whoever has the number")
    refused = [
        (case, sensible.clave),
        (sensible, None),
        (sensible, case.clave),
        (nothing, None),
        (nothing, case.clave),
    ]
    pages = set()
    for asked, clave in refused:
        answer = ask(asked.numero, clave)
        assert answer.status_code == 404
        assert_no_secret(answer, "whoever guesses")
        pages.add(asked.hidden_in(answer.text))
    assert len(pages) == 1


def test_reporting_needs_a_phones_credential_and_tells_of_no_other_report(world: World):
    case = world.case()
    assert send(world.phone, datos(), headers=world.device).status_code == 201
    with freeze_time("2024-01-01"):
        old = world.phone.post("/api/v1/dispositivos").json["token"]
    for token in ("", "falso", old, acceso(world, case)):
        answer = send(world.phone, datos(), headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert_no_secret(answer, token)


def test_the_page_without_scripts_needs_its_hidden_credential(world: World):
    page = world.phone.get("/").text
    hidden = dict(re.findall(r'name="(credencial|clave_de_envio)"[^>]*value="([^"]+)"', page))
    written = {"categoria": "robo", "referencia": "Por el mercado", "descripcion": "Se llevaron"}
    assert world.phone.post("/alerta", data={**hidden, **written}).status_code == 201
    rows = world.rows()
    for credential in ("", "falsa", acceso(world, world.case())):
        rows = world.rows()
        forged = {"credencial": credential, "clave_de_envio": str(uuid4())}
        assert world.phone.post("/alerta", data={**forged, **written}).status_code == 401
        assert world.rows() == rows


def test_the_same_key_of_another_phone_finds_nothing(world: World):
    key = str(uuid4())
    mine = send(world.phone, datos(), headers=world.device, key=key)
    do_all_work(world.parts)
    theirs = send(a_phone(world.app), datos(), key=key)
    assert theirs.status_code == 201
    assert theirs.json["numero"] != mine.json["numero"]
