"""The panel: each page answers its owner, and tells nobody else that anything exists."""

from typing import Any

import pytest

from backend import clock
from backend.identity import services as identity
from tests.isolation.answers import assert_no_secret, assert_refused, was_answered
from tests.isolation.examples import (
    EVERY_ROLE,
    HALF_SIGNED_IN,
    NOBODYS,
    OF_CASE,
    OF_OWN_CASES,
    OF_ROLE,
)
from tests.isolation.world import KINDS, SENSIBLE, Browser, Case, World, same_for_all
from tests.phones import a_phone

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
        answer = world.seated(role).ask(method, path, form)
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
