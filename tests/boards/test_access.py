"""The coordinator's access: given in person, opened by a PIN, ended the same minute."""

import pytest

from tests.builders import Callao
from tests.coordinating import PIN, Coordinator, a_coordinator


@pytest.fixture
def coordinator(app) -> Coordinator:
    return a_coordinator(app, Callao().west, is_in=False)


def test_a_code_binds_a_phone_and_the_pin_opens_it(coordinator):
    enrolled = coordinator.enrol()
    assert enrolled.status_code == 201, enrolled.text
    opened = coordinator.open(PIN)
    assert opened.status_code == 200, opened.text
    assert opened.json["junta"] == {"nombre": "Junta JV-001"}
    told = coordinator.tell()
    assert told.status_code == 201, told.text
    assert told.json["se_sigue_por_junta"] is True
    for path in ("informes", "resumen", "confirmados"):
        answer = coordinator.get(path)
        assert answer.status_code == 200, answer.text
