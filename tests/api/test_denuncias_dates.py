"""`POST /denuncias` and the day of a fact: what has not come yet is no past fact."""

from datetime import timedelta

import pytest

from backend import clock
from tests.api.problems import assert_problem
from tests.denouncing import denounce, stolen_phone

NOT_YET = "Esa fecha todavía no llega. Revisa el día, el mes y el año."


def theft_between(since: timedelta, until: timedelta) -> dict:
    now = clock.now()
    moments = {"desde": (now + since).isoformat(), "hasta": (now + until).isoformat()}
    return stolen_phone(hecho=stolen_phone()["hecho"] | moments)


@pytest.mark.parametrize(
    ("since", "field"), [(timedelta(hours=25), "desde"), (-timedelta(hours=1), "hasta")]
)
def test_a_day_that_has_not_come_is_asked_again(
    client, device, callao, nothing_stored, since, field
):
    """The constancia would be signed with it; one slip is told once."""
    with nothing_stored():
        answer = denounce(
            client, theft_between(since, timedelta(hours=25, minutes=1)), headers=device
        )
    assert_problem(answer, 422, f"hecho.{field}")
    assert answer.json["errores"] == [{"campo": f"hecho.{field}", "mensaje": NOT_YET}]


def test_an_hour_that_has_not_come_is_taken_with_a_word(client, device, callao):
    """It may be another zone, or a slow clock."""
    soon = timedelta(hours=23)
    answer = denounce(client, theft_between(soon, soon), headers=device)
    assert answer.status_code == 201, answer.text
    assert {one["campo"] for one in answer.json["avisos"]} == {"hecho.desde", "hecho.hasta"}
