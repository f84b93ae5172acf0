"""The pages of the padrón: each answers its office, and tells nobody else that a junta exists."""

import pytest

from tests.isolation.answers import assert_refused, was_answered
from tests.isolation.examples import EVERY_ROLE
from tests.isolation.padron_examples import OF_PADRON, OneJunta, one_junta
from tests.isolation.world import Browser, World, same_for_all
from tests.juntas import an_office_account


class Offices:
    """The own comisaría's office, and everybody else who might try its addresses."""

    def __init__(self, world: World) -> None:
        self.world, callao = world, world.callao
        self.account = an_office_account(callao.west, "oficina.propia")
        self.own = Browser(world.app, self.account)
        self.comisario = world.browser("comisario", callao.west)

    def junta(self) -> OneJunta:
        return one_junta(self.world.parts, self.account, self.world.callao.west)

    def others(self, of_comisario: bool) -> dict[str, Browser]:
        world, callao = self.world, self.world.callao
        people = {
            **world.absent(),
            "a neighbour's office": Browser(
                world.app, an_office_account(callao.east, "oficina.vecina")
            ),
            "a neighbour's comisario": world.browser("comisario", callao.east),
            "the loader above": world.browser("cargador_padron", callao.divpol),
            "the supervisor above": world.browser("supervisor", callao.divpol),
        }
        for role in EVERY_ROLE:
            if role != "comisario" or not of_comisario:
                # Of the office's own role, too: this one has no seat.
                people[f"{role} of the same unit"] = world.browser(role, callao.west)
        return people


@pytest.fixture
def offices(world: World) -> Offices:
    return Offices(world)


@pytest.mark.parametrize("endpoint", OF_PADRON)
def test_a_page_is_for_the_own_office(offices: Offices, endpoint: str):
    example = OF_PADRON[endpoint]
    allowed = [offices.own, *([offices.comisario] if example.of_comisario else [])]
    for browser in allowed:
        answer = browser.ask(example.method, example.address(offices.junta()), dict(example.form()))
        assert was_answered(answer), f"{answer.status_code} {answer.text[:300]}"

    junta, nobodys = offices.junta(), OneJunta()
    everybody, form = offices.others(example.of_comisario), dict(example.form())
    if not example.is_of_a_junta:
        everybody = {who: one for who, one in everybody.items() if "neighbour" not in who}
    rows = offices.world.rows()
    for who, browser in everybody.items():
        told = []
        for one in (junta, nobodys):
            answer = browser.ask(example.method, example.address(one), form)
            assert_refused(answer, who)
            page = one.hidden_in(same_for_all(answer.text))
            told.append((answer.status_code, one.hidden_in(answer.location or ""), page))
        assert told[0] == told[1], f"{who} can tell that it exists"
    assert offices.world.rows() == rows


@pytest.mark.parametrize(
    "endpoint", [name for name, one in OF_PADRON.items() if one.method == "POST"]
)
def test_no_other_site_can_act_for_the_office(offices: Offices, endpoint: str):
    example, junta = OF_PADRON[endpoint], offices.junta()
    rows = offices.world.rows()
    answer = offices.own.phone.post(example.address(junta), data=dict(example.form()))
    assert answer.status_code == 400
    assert offices.world.rows() == rows
