"""`POST /alertas`: a phone reports, and repeats itself, and sends nonsense."""

import pytest

from tests.builders import Callao, datos, send


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


def test_an_alert_gets_a_number_and_goes_to_the_comisaria_of_the_place(client, callao):
    answer = send(client, datos())
    assert answer.status_code == 201, answer.text
    assert answer.json["comisaria"] == {"nombre": "Comisaría WEST", "telefono": None}
    assert answer.json["estado"] == "recibido"
    assert answer.json["numero"].startswith("YA-")
    assert len(answer.json["clave"]) == 19
