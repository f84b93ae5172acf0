"""What may stand in the fields of a person, as people type them; no database is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.boards.rules import clean_identity, wrong_cells
from tests.juntas import an_identity


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nombres": "María José", "apellido_paterno": "Ñahui", "apellido_materno": "O'Higgins"},
        {
            "nombres": "Jean-Pierre",
            "apellido_paterno": "De la Cruz",
            "apellido_materno": "D’Angelo",
        },
        {"nombres": "J. Alberto", "apellido_materno": ""},
        {"nombres": "Mari\u0301a  Jose\u0301 "},
        {"numero_documento": "01234567"},
        {"numero_documento": " 4012-3456 "},
        {"tipo_documento": "DNI"},
        {"tipo_documento": "D.N.I."},
        {"tipo_documento": "CE", "numero_documento": "001234567"},
        {"tipo_documento": "ce", "numero_documento": "x1234567890a"},
        {"celular": "987654321"},
        {"celular": "+51 987 654 321"},
        {"celular": "51987654321"},
        {"celular": "(987) 654-321"},
    ],
)
def test_people_are_called_so_and_type_so(changes):
    assert wrong_cells(an_identity(**changes)) == {}


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"nombres": ""}, "nombres", "Falta escribir los nombres"),
        ({"apellido_paterno": " "}, "apellido_paterno", "Falta escribir el apellido paterno"),
        ({"nombres": "Ana 2"}, "nombres", "solo con letras"),
        ({"nombres": "=1+1"}, "nombres", "solo con letras"),
        ({"nombres": "-Ana"}, "nombres", "solo con letras"),
        ({"apellido_materno": "<b>"}, "apellido_materno", "solo con letras"),
        ({"nombres": "a" * 61}, "nombres", "60 letras o menos"),
        ({"numero_documento": ""}, "numero_documento", "Falta el número"),
        ({"numero_documento": "1234567"}, "numero_documento", "aquí hay 7: revise si se perdió"),
        ({"numero_documento": "123456789"}, "numero_documento", "aquí hay 9: revise si sobra"),
        ({"numero_documento": "1234567A"}, "numero_documento", "sin letras"),
        ({"numero_documento": "١٢٣٤٥٦٧٨"}, "numero_documento", "sin letras"),
        ({"tipo_documento": "ce", "numero_documento": "12345678"}, "numero_documento", "9 a 12"),
        ({"tipo_documento": "ce", "numero_documento": "1" * 13}, "numero_documento", "9 a 12"),
        ({"tipo_documento": "pasaporte"}, "tipo_documento", "DNI o CE"),
        ({"tipo_documento": ""}, "tipo_documento", "DNI o CE"),
        ({"celular": "12345678"}, "celular", "9 cifras y empieza con 9"),
        ({"celular": "887654321"}, "celular", "9 cifras y empieza con 9"),
        ({"celular": "9876543210"}, "celular", "9 cifras y empieza con 9"),
    ],
)
def test_each_wrong_cell_is_named_in_words(changes, column, words):
    wrong = wrong_cells(an_identity(**changes))
    assert set(wrong) == {column}
    assert words in wrong[column]


@given(st.dictionaries(st.sampled_from(sorted(an_identity())), st.text(max_size=80)))
def test_whatever_is_typed_gets_an_answer_that_cleaning_does_not_change(typed):
    assert wrong_cells(clean_identity(typed)) == wrong_cells(typed)
    assert clean_identity(clean_identity(typed)) == clean_identity(typed)


def test_no_answer_repeats_what_stands_in_the_cell():
    wrong = wrong_cells(dict.fromkeys(an_identity(), "Zutano77"))
    assert set(wrong) == set(an_identity()) - {"numero_documento"}
    assert not any("zutano" in message.lower() or "77" in message for message in wrong.values())


def test_missing_columns_are_empty_ones():
    assert set(wrong_cells({})) == {
        "nombres",
        "apellido_paterno",
        "tipo_documento",
    }
