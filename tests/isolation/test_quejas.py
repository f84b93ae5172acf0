"""Nobody who must not know of a queja can tell a world with it from one without."""

import json
import re
from collections.abc import Iterator
from difflib import unified_diff

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from backend.db import db
from mobile_api.limits import limiter
from tests.forwarding.mailbox import receiving
from tests.forwarding.receiver import serving
from tests.isolation.answers import assert_refused
from tests.isolation.examples import EVERY_ROLE, OF_CASE
from tests.isolation.two_worlds import CANARY, Onlooker, Planted, TwoWorlds
from tests.isolation.world import Case, same_for_all

BELOW_WEST = {"WEST", "WEST-1"}
BELOW_DIV = {"DIV", "EAST", "FAR", "EXT2", *BELOW_WEST}
ABOVE_WEST = {"DIV", "REG"}
Looks = dict[str, tuple[int, str, str]]
# Of whom it complains, and who must not know, written down by hand. All of it happens in WEST.
COMPLAINTS: dict[str, set[str]] = {
    "WEST": BELOW_WEST | ABOVE_WEST,
    "WEST-1": {"WEST-1", "WEST"} | ABOVE_WEST,
    "DIV": BELOW_DIV | {"REG"},
    "REG": BELOW_DIV | {"REG", "EXT", "DROGAS"},
    "DROGAS": {"DROGAS", "REG"},
    "INSP": {"INSP"},
    "SIN-JURISDICCION": {"SIN-JURISDICCION"},
    "no_se": BELOW_WEST | ABOVE_WEST,
    "cud": {"CUD"},
}


@pytest.fixture
def worlds(
    app: Flask, monkeypatch: pytest.MonkeyPatch, owner_engine: Engine
) -> Iterator[TwoWorlds]:
    monkeypatch.setattr(limiter, "enabled", False)
    with receiving() as mailbox, serving(None) as receiver:
        yield TwoWorlds(app, monkeypatch, owner_engine, mailbox, receiver)


@pytest.mark.timeout(600)  # some two thousand pages: half a minute on a machine of its own
def test_nobody_barred_can_tell(worlds: TwoWorlds, capsys: pytest.CaptureFixture[str]):
    everybody = sorted(worlds.codes())
    onlookers_of = {
        against: onlookers(turn, barred)
        for turn, (against, barred) in enumerate(COMPLAINTS.items())
    }
    asked = {who for some in onlookers_of.values() for who in some}
    asked |= {Onlooker("operador", code) for code in everybody}
    assert {who.role for who in asked} == set(EVERY_ROLE)
    nothing = worlds.world.no_case()
    before = {who: worlds.look(who, nothing) for who in asked}
    outside = worlds.look_from_outside()
    for against, barred in COMPLAINTS.items():
        capsys.readouterr()
        planted = worlds.plant(against)
        log = capsys.readouterr().out
        assert not planted.told & barred
        uninvolved = set(everybody) - planted.told_or_above - barred
        others = [Onlooker("operador", code) for code in sorted(uninvolved)[:2]]
        for number, who in enumerate([*onlookers_of[against], *others]):
            case = planted.cases[number % len(planted.cases)]
            assert_same(before[who], worlds.look(who, case), f"{who} can tell of {against}")
        assert worlds.look_from_outside() == outside
        nobody_is_let_in(worlds, barred, planted)
        nothing_was_sent(worlds, barred, planted)
        logs_tell_nothing(worlds, planted, log)
        assert db.session.scalar(text("SELECT count(*) FROM risk_fact")) == 0
        worlds.take_out(planted)
    # And that it was no wonder: who may know does see them.
    planted = worlds.plant("WEST")
    assert (
        worlds.look(Onlooker("operador", "CUD"), planted.cases[0])
        != before[Onlooker("operador", "CUD")]
    )


def onlookers(turn: int, barred: set[str]) -> list[Onlooker]:
    """A role of each barred unit, another for the next complaint; or all of one of them."""
    units = sorted(barred)
    some = {
        Onlooker(EVERY_ROLE[(turn + place) % len(EVERY_ROLE)], code)
        for place, code in enumerate(units)
    }
    if turn % 2 == 0:
        some |= {Onlooker(role, units[turn % len(units)]) for role in EVERY_ROLE}
    return sorted(some, key=lambda who: (who.unit or "", who.role))


def assert_same(before: Looks, after: Looks, complaint: str) -> None:
    """Equal page by page; what differs is shown by line."""
    for name, told in before.items():
        lines = [one[2].splitlines() for one in (told, after[name])]
        assert told == after[name], "\n".join([complaint, name, *unified_diff(*lines, n=0)])


def nobody_is_let_in(worlds: TwoWorlds, barred: set[str], planted: Planted) -> None:
    """Every route of a case, by its very ids: the same answer as for none."""
    nothing = worlds.world.no_case()
    for number, (endpoint, example) in enumerate(OF_CASE.items()):
        code = sorted(barred)[number % len(barred)]
        case = planted.cases[number % len(planted.cases)]
        role = "jefe_sector" if worlds.unit(code).kind == "sector" else example.role
        browser = worlds.world.browser(role, worlds.unit(code))
        told = []
        for asked in (case, nothing):
            answer = browser.ask(
                example.method, example.address(asked), example.form(worlds.world, asked)
            )
            assert_refused(answer, f"{endpoint} {code}")
            told.append((answer.status_code, hidden(asked, answer.text)))
        assert told[0] == told[1], f"{code} can tell at {endpoint}"


def hidden(case: Case, page: str) -> str:
    return case.hidden_in(same_for_all(page))


def nothing_was_sent(worlds: TwoWorlds, barred: set[str], planted: Planted) -> None:
    """No mail or webhook to the barred, and in those to others nothing but number and link."""
    addresses = {f"{code.lower()}@example.org" for code in barred}
    assert not addresses & set(worlds.mailbox.recipients)
    assert not {f"/{code}" for code in barred} & {one.target for one in worlds.receiver.requests}
    assert worlds.mailbox.messages
    assert worlds.receiver.requests
    sent = [message.as_string() for message in worlds.mailbox.messages]
    sent += [request.body.decode() for request in worlds.receiver.requests]
    told = "|".join([*planted.words, CANARY.format("mensaje"), "quejas?", "maltrato", *barred])
    tells = re.compile(rf"\b({told})\b", re.IGNORECASE)
    for one in sent:
        assert not tells.search(re.sub(r"^To: .*", "", one, flags=re.MULTILINE)), one


def logs_tell_nothing(worlds: TwoWorlds, planted: Planted, log: str) -> None:
    """Lines about a queja name no unit; no line has its words, number or clave."""
    for case in planted.cases:
        lines = [line for line in log.splitlines() if str(case.report_id) in line]
        for line in lines:
            assert not [name for name in json.loads(line) if "unit" in name], line
        for secret in (case.numero, case.clave, *planted.words, CANARY.format("mensaje")):
            assert secret not in log


def test_an_independent_level_may_know(worlds: TwoWorlds):
    """The divpol is independent: a complaint about its comisaría stops there."""
    region = Onlooker("supervisor", "REG")
    before = worlds.look(region, worlds.world.no_case())
    planted = worlds.plant("WEST", is_independent="DIV")
    assert worlds.look(region, planted.cases[0]) != before
    worlds.take_out(planted)
    worlds.make_independent("DIV", False)
    planted = worlds.plant("WEST")
    assert_same(before, worlds.look(region, planted.cases[0]), "the region can tell")
