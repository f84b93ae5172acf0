"""Who sees which field of a roster: one table, held against every page there is."""

import pytest
from sqlalchemy import func, select

from backend.db import db
from backend.identity.models import AuditEntry
from backend.vault.models import Reading
from tests.isolation.rosters import (
    ACTIVE,
    DISSOLVED,
    ENDED,
    LAPSED,
    STATES,
    Rosters,
    everything_written,
)
from tests.phones import a_phone

NAMES = {"name", "document", "phone"}
OF_A_JUNTA = {"junta", "code", "act"}
EVERY_JUNTA = (ACTIVE, LAPSED, DISSOLVED)

# Who -> place and state -> fields, over everything that can be opened without a reason. Whoever
# is not in it sees nothing of any roster, on any page.
MATRIX: dict[str, dict[str, set[str]]] = {
    "office": {f"own {state}": OF_A_JUNTA for state in EVERY_JUNTA},
    "comisario": {f"own {state}": OF_A_JUNTA for state in EVERY_JUNTA},
    # Pages about one junta were asked for with the own comisaría's ids: only the lists answer.
    "far office": {f"far {state}": {"junta", "code"} for state in EVERY_JUNTA},
    "far comisario": {f"far {state}": {"junta", "code"} for state in EVERY_JUNTA},
}
# A coordinator reads the name of the own junta, and nothing else of any roster.
COORDINATORS = {
    "coordinator": {f"own {ACTIVE}": {"junta"}},
    "far coordinator": {f"far {ACTIVE}": {"junta"}},
}


@pytest.fixture
def rosters(app) -> Rosters:
    return Rosters(app)


def merged(seen: list[dict[str, set[str]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in seen:
        for where, fields in one.items():
            found.setdefault(where, set()).update(fields)
    return found


def test_each_role_sees_its_fields_and_no_other(rosters: Rosters):
    addresses = [one for endpoint, one in rosters.addresses() if one.startswith("/panel")]
    assert len(addresses) > 40
    for who, browser in rosters.everybody().items():
        seen = merged([rosters.seen_by(browser, address) for address in addresses])
        assert seen == MATRIX.get(who, {}), who


def test_the_public_pages_tell_nothing_of_any_roster(rosters: Rosters):
    for endpoint, address in rosters.addresses():
        if not address.startswith("/panel"):
            answer = a_phone(rosters.app).get(address)
            assert rosters.told(answer.data) == {}, endpoint


def test_a_coordinator_learns_the_name_of_the_own_junta_alone(rosters: Rosters):
    for who, token in rosters.tokens.items():
        phone, seen = a_phone(rosters.app), []
        for _, address in rosters.addresses():
            if not address.startswith("/panel"):
                bearer = {"Authorization": f"Bearer {token}"}
                seen.append(rosters.told(phone.get(address, headers=bearer).data))
        assert merged(seen) == COORDINATORS[who], who


def test_names_are_read_by_the_own_office_for_a_reason_and_leave_a_trail(rosters: Rosters):
    for who, browser in rosters.everybody().items():
        for state in EVERY_JUNTA:
            address = f"/panel/padron/juntas/{rosters.own.juntas[state].id}/nombres"
            before = trails()
            without = browser.ask("POST", address, {"motivo": ""})
            assert not any(fields & NAMES for fields in rosters.told(without.data).values()), who
            answer = browser.ask("POST", address, {"motivo": "reunion"})
            read = {where for where, fields in rosters.told(answer.data).items() if fields & NAMES}
            if who == "office" and state == DISSOLVED:
                assert read == set()  # nobody is left to call
            elif who == "office":
                assert read == {f"own {state}"}
                assert rosters.told(answer.data)[f"own {state}"] >= NAMES
                assert trails() == (before[0] + 1, before[1] + 1)
            else:
                assert (read, answer.status_code) in ((set(), 403), (set(), 404), (set(), 303)), who
                assert trails() == before


def trails() -> tuple[int, int]:
    """Readings of names in the audit trail and in the vault's own."""
    db.session.rollback()
    named = select(func.count()).where(AuditEntry.action == "padron_names_read")
    return db.session.scalar(named) or 0, db.session.scalar(select(func.count(Reading.id))) or 0


def test_who_left_is_read_by_nobody_and_masked_like_the_others(rosters: Rosters):
    office = rosters.everybody()["office"]
    address = f"/panel/padron/juntas/{rosters.own.juntas[ENDED].id}/nombres"
    answer = office.ask("POST", address, {"motivo": "llamada"})
    assert rosters.own.markers(ENDED).name.encode() not in answer.data


def test_no_table_holds_who_they_are(rosters: Rosters, owner_engine):
    written = everything_written(owner_engine)
    for place in (rosters.own, rosters.far):
        for state in STATES:
            assert not place.markers(state).seen_in(written) & NAMES
    assert rosters.own.markers(ACTIVE).seen_in(written) == OF_A_JUNTA  # it would be noticed


def test_the_log_names_nobody(rosters: Rosters, capfd):
    addresses = [one for _, one in rosters.addresses() if one.startswith("/panel/padron")]
    office = rosters.everybody()["office"]
    for address in addresses:
        office.ask("GET", address)
    for state in EVERY_JUNTA:
        address = f"/panel/padron/juntas/{rosters.own.juntas[state].id}/nombres"
        office.ask("POST", address, {"motivo": "reunion"})
    said = "".join(capfd.readouterr()).encode()
    assert rosters.told(said) == {}


def test_a_seat_is_what_reads_and_not_the_role(rosters: Rosters):
    """An account with the role that holds no seat of the unit is no office."""
    nobody = rosters.everybody()["somebody without a seat"]
    for endpoint, address in rosters.addresses():
        if endpoint.startswith("panel."):
            assert rosters.seen_by(nobody, address) == {}, endpoint
