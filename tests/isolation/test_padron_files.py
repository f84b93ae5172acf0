"""Imports and exports: each page answers whose it is, and tells nobody else that one exists."""

from uuid import UUID, uuid4

import pytest

from backend.identity.models import Staff
from tests.builders import a_member_of_staff
from tests.isolation.answers import assert_refused, was_answered
from tests.isolation.examples import EVERY_ROLE
from tests.isolation.padron_file_examples import OF_FILES, OfFile
from tests.isolation.world import Browser, World, same_for_all
from tests.juntas import an_office_account

# The form of an upload without a file is answered with what to do.
ANSWERS = {"panel.upload_padron": 422}


class Accounts:
    """Who may work with files of the western comisaría, and everybody else who might try."""

    def __init__(self, world: World) -> None:
        self.world, callao = world, world.callao
        self.staff: dict[str, Staff] = {
            "office": an_office_account(callao.west, "oficina.propia"),
            "other seat": an_office_account(callao.west, "oficina.otra"),
            "comisario": a_member_of_staff("comisario.propio", "comisario", callao.west),
            "loader": a_member_of_staff("cargador.propio", "cargador_padron", callao.divpol),
        }
        self.browsers = {name: Browser(world.app, staff) for name, staff in self.staff.items()}

    def make(self, example: OfFile, who: str) -> UUID:
        """What the page is about, of the account's own; exports are the office's."""
        return example.make(self.staff["loader" if who == "loader" else "office"])

    def others(self, example: OfFile) -> dict[str, Browser]:
        world, callao = self.world, self.world.callao
        people = {
            **world.absent(),
            "the supervisor above": world.browser("supervisor", callao.divpol),
            **{name: one for name, one in self.browsers.items() if name not in example.whose},
        }
        # What its office knows of, the office's other account may know, too.
        people.pop("other seat" if "other seat" not in example.whose else "office")
        if example.is_of_one:
            people |= {
                "a neighbour's office": Browser(
                    world.app, an_office_account(callao.east, "oficina.vecina")
                ),
                "a neighbour's comisario": world.browser("comisario", callao.east),
                "another loader": world.browser("cargador_padron", callao.divpol),
            }
        for role in set(EVERY_ROLE) - {"comisario", "cargador_padron"}:
            # Of the office's own role, too: this one has no seat.
            people[f"{role} of the same unit"] = world.browser(role, callao.west)
        return people


@pytest.fixture
def accounts(world: World) -> Accounts:
    return Accounts(world)


@pytest.mark.parametrize("endpoint", OF_FILES)
def test_a_page_answers_whose_it_is(accounts: Accounts, endpoint: str):
    example = OF_FILES[endpoint]
    for who in example.whose:
        address = example.path.format(id=accounts.make(example, who))
        answer = accounts.browsers[who].ask(example.method, address, dict(example.form or {}))
        expected = ANSWERS.get(endpoint)
        assert was_answered(answer) or answer.status_code == expected, (who, answer.text[:300])


@pytest.mark.parametrize("endpoint", OF_FILES)
def test_nobody_else_learns_of_it(accounts: Accounts, endpoint: str):
    example = OF_FILES[endpoint]
    own, nobodys = accounts.make(example, "office"), uuid4()
    everybody, form = accounts.others(example), dict(example.form or {})
    rows = accounts.world.rows()
    for who, browser in everybody.items():
        told = []
        for one in (own, nobodys):
            answer = browser.ask(example.method, example.path.format(id=one), form)
            assert_refused(answer, who)
            page = same_for_all(answer.text).replace(str(one), "…")
            told.append((answer.status_code, (answer.location or "").replace(str(one), "…"), page))
        assert told[0] == told[1], f"{who} can tell that it exists"
    assert accounts.world.rows() == rows


@pytest.mark.parametrize(
    "endpoint", [name for name, one in OF_FILES.items() if one.method == "POST"]
)
def test_no_other_site_can_act_for_the_office(accounts: Accounts, endpoint: str):
    example = OF_FILES[endpoint]
    who = example.whose[0]
    address = example.path.format(id=accounts.make(example, who))
    rows = accounts.world.rows()
    answer = accounts.browsers[who].phone.post(address, data=dict(example.form or {}))
    assert answer.status_code == 400
    assert accounts.world.rows() == rows
