"""That somebody is in the roster already is an answer: it stays on the trail, and runs out."""

import pytest

from backend.boards import known
from backend.db import transaction
from backend.errors import Conflict, InvalidInput
from backend.identity.services import audit
from tests.boards.test_members import add, callao, change, junta, office, told, trail  # noqa: F401
from tests.juntas import a_junta, an_identity


def answers() -> list[dict]:
    return [details for action, details in trail() if action == "padron_known_told"]


def test_a_refusal_stays_on_the_trail_though_nothing_else_does(parts, callao, office, junta):  # noqa: F811
    add(parts, office, junta.id)
    other = a_junta(callao.west, "JV-002").id
    with pytest.raises(InvalidInput):
        add(parts, office, other)
    assert answers() == [{"junta": str(other), "count": 1}]


def test_a_correction_that_is_refused_does_too(parts, office, junta):  # noqa: F811
    add(parts, office, junta.id)
    another = add(parts, office, junta.id, identity=an_identity("41111111"))
    with pytest.raises(InvalidInput):
        change(parts, office, another, identity=an_identity("40123456"))
    assert answers() == [{"member": str(another), "count": 1}]


def test_other_refusals_tell_nothing(parts, office, junta):  # noqa: F811
    add(parts, office, junta.id, post="coordinador")
    with pytest.raises(InvalidInput):
        add(parts, office, junta.id, post="coordinador", identity=an_identity("41111111"))
    assert answers() == []


def test_past_the_limit_known_and_unknown_are_answered_alike(parts, office, junta):  # noqa: F811
    add(parts, office, junta.id)
    with transaction():
        audit(office.id, "padron_known_told", count=known.NAMED_PER_DAY)
    told_so = set()
    for number in ("40123456", "49999999"):
        with pytest.raises(Conflict) as refused:
            add(parts, office, junta.id, identity=an_identity(number))
        told_so.add(refused.value.detail)
    assert len(told_so) == 1
    assert len(answers()) == 1
