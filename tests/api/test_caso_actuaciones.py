"""What an author reads of each act of the unit: plain words with a day, and nobody's name."""

from datetime import UTC, datetime

import pytest

from backend.reports.models import HistoryEntry
from mobile_api.formal import actuacion_text

SATURDAY = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def told(parts, **details: object) -> str:
    return actuacion_text(
        HistoryEntry(at=SATURDAY, event="actuacion", details=details), parts.catalog
    )


def test_the_fiscalia_and_its_number_stand_in_the_sentence(parts):
    words = told(
        parts,
        actuacion="enviada_a_fiscalia",
        on="2026-11-19",
        fiscalia="Segunda de Callao {numero}",
        numero="1234-2026",
    )
    assert "la fiscalía Segunda de Callao {numero} con el número 1234-2026." in words
    assert words.count("1234-2026") == 1
    assert words.endswith("Fue el 19/11/2026.")


def test_an_investigator_is_not_named_nor_what_the_police_wrote_for_itself(parts):
    words = told(
        parts, actuacion="asignada_a_investigador", on="2026-11-21", investigador=7, words="secreto"
    )
    assert words == "Ya hay una persona encargada de investigar."


@pytest.mark.parametrize("nothing", ["{", "}"])
def test_no_act_of_the_catalogue_leaves_a_brace(parts, nothing: str):
    for codigo in parts.catalog.actuaciones:
        asked = {"fiscalia": "Segunda", "numero": "1"}
        assert nothing not in told(parts, actuacion=codigo, on="2026-11-21", **asked)
